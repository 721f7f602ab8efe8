/** Paths in a pod. */

export const configPath = '/etc/hadal/hadal.config.json'
/** Where a container may write what need not outlive its pod. */
export const stateFolder = '/var/lib/hadal'
export const modelsFolder = '/models'
