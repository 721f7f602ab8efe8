/** A deployment as it is written to files and as it is applied: manifests with the rules and dashboards that watch it. */

import {
  type Deployment,
  dashboardsOf,
  type Extras,
  type Manifest,
  manifestsOf,
  monitoringFiles,
  type RenderedFile,
  renderKubernetes,
  rulesOf,
} from '@hadal/fleet'

/** Manifests; beside them what watches the service, for those who have no operator. */
export function deploymentFiles(deployment: Deployment): readonly RenderedFile[] {
  const watching = monitoringFiles(deployment).map(({ path, text }) => ({ path: `monitoring/${path}`, text }))
  return [...renderKubernetes(deployment, extrasOf), ...watching]
}

/** Every object that is applied. */
export function deploymentManifests(deployment: Deployment): readonly Manifest[] {
  return manifestsOf(deployment, extrasOf)
}

const extrasOf = (deployment: Deployment): Extras => ({
  rules: rulesOf(deployment),
  dashboards: dashboardsOf(deployment),
})
