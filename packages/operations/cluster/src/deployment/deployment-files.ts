/** A deployment as it is written to files and as it is applied: manifests with the rules and dashboards that watch it. */

import {
  composeFile,
  type Deployment,
  dashboardsOf,
  dockerfile,
  type Extras,
  type Manifest,
  manifestsOf,
  monitoringFiles,
  type RenderedFile,
  renderKubernetes,
  rulesOf,
} from '@hadal/fleet'

export interface FilesOptions {
  /** The config file as seen from the folder that is written to; undefined where there is none. */
  readonly config?: string | undefined
}

/**
 * Manifests; alongside them what watches the service, for those who have no operator, the image for those who have Hadal from npm,
 * and the service on one box.
 */
export function deploymentFiles(
  deployment: Deployment,
  { config }: FilesOptions = {},
): readonly RenderedFile[] {
  const watching = monitoringFiles(deployment).map(({ path, text }) => ({ path: `monitoring/${path}`, text }))
  const box = { config: config && `../${config}`, monitoringFolder: '../monitoring' }
  return [
    ...renderKubernetes(deployment, extrasOf),
    ...watching,
    { path: 'box/Dockerfile', text: dockerfile({ version: deployment.version }) },
    // Other engines have their own images.
    ...(deployment.engines.every(({ kind }) => kind === 'llama')
      ? [{ path: 'box/compose.yaml', text: composeFile(deployment, box) }]
      : []),
  ]
}

/** Every object that is applied. */
export function deploymentManifests(deployment: Deployment): readonly Manifest[] {
  return manifestsOf(deployment, extrasOf)
}

const extrasOf = (deployment: Deployment): Extras => ({
  rules: rulesOf(deployment),
  dashboards: dashboardsOf(deployment),
})
