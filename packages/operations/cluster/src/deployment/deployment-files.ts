/** A deployment's files, as written and as applied: manifests plus the rules and dashboards that monitor it. */

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
  /** Path of the config file relative to the output folder; undefined if there is none. */
  readonly config?: string | undefined
}

/**
 * Manifests, plus monitoring files for clusters without an operator, the image for npm installations of Hadal, and the service on a
 * single machine.
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
