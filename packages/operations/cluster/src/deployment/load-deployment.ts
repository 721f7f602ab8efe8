/**
 * Loads the deployment from a config file, for `hadal deploy` and `hadal monitor`. Reads only the file, because the caller's
 * variables and flags are not those of the cluster.
 */

import {
  checkService,
  loadConfigIsolated,
  resolveSettings,
  type Service,
  serviceSettings,
} from '@hadal/config'
import {
  type Deployment,
  deployOverlayUnknown,
  type PlanOptions,
  planDeployment,
  planToWatch,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { version } from '@hadal/service'
import { findFacts } from './find-facts.ts'

export interface DeploymentFlags {
  readonly config?: string
  /** One of `deploy.overlays`, in place of what holds everywhere. */
  readonly overlay?: string
  /** What `hadal bench coldstart --json` wrote. */
  readonly coldStart?: string
}

/**
 * Without a config file: a deployment with default settings. Throws `config_invalid`, one of the `config_file_*`, `deploy_invalid`,
 * `deploy_overlay_unknown` or `deploy_cold_start_unreadable`.
 */
export async function loadDeployment(flags: DeploymentFlags, terminal: Terminal): Promise<Deployment> {
  return overlayOf(planDeployment(await readPlan(flags, terminal)), flags)
}

/** What `hadal monitor` watches: whatever would keep a service out of a cluster. Throws as `loadDeployment`, but no `deploy_invalid`. */
export async function loadWatched(flags: DeploymentFlags, terminal: Terminal): Promise<Deployment> {
  return overlayOf(planToWatch(await readPlan(flags, terminal)), flags)
}

async function readPlan(flags: DeploymentFlags, terminal: Terminal): Promise<PlanOptions> {
  const file = await loadConfigIsolated(terminal.folder, flags.config)
  const { values: service, origins } = resolveSettings(serviceSettings, { file }, { check: checkService })
  const keys = Object.keys(serviceSettings) as (keyof Service)[]
  const said = new Set(keys.filter((key) => origins[key].source !== 'default'))
  const facts = await findFacts(service, flags.coldStart, terminal)
  return { service, said, version, facts }
}

function overlayOf(deployment: Deployment, flags: DeploymentFlags): Deployment {
  if (flags.overlay === undefined) return deployment
  const found = deployment.overlays.find(({ name }) => name === flags.overlay)
  if (found === undefined)
    throw deployOverlayUnknown(
      flags.overlay,
      deployment.overlays.map(({ name }) => name),
    )
  return found.deployment
}
