/** Finds the scaler's plan: from a config file, or a file rendered by `hadal deploy render`. */

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { messageOf } from '@hadal/base'
import { type DeploymentFlags, loadDeployment } from '@hadal/cluster'
import { type ScalerPlan, scalerPlanOf } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { usage } from '@hadal/output'
import { scaleNothing, scalePlanUnreadable } from './errors.ts'

export interface PlanFlags extends DeploymentFlags {
  readonly plan?: string
  readonly namespace?: string
}

/**
 * Throws what `loadDeployment` throws, `usage`, `scale_plan_unreadable` and `scale_nothing`. `isDryRun`: another autoscaler is in charge.
 */
export async function findPlan(flags: PlanFlags, terminal: Terminal, isDryRun: boolean): Promise<ScalerPlan> {
  if (flags.plan !== undefined) {
    const other = ['config', 'overlay', 'namespace'].find((flag) => flag in flags)
    if (other !== undefined)
      throw usage(`--${other} cannot be combined with --plan, which contains all settings`, 'hadal scale')
    return readPlan(resolve(terminal.folder, flags.plan))
  }
  const deployment = await loadDeployment(flags, terminal)
  const { autoscaler } = deployment.scaling
  if (deployment.engines.length === 0)
    throw scaleNothing('the service runs no engines of its own, only upstreams')
  if (autoscaler !== 'hadal' && !isDryRun)
    throw scaleNothing(
      autoscaler === 'none'
        ? 'scaling.autoscaler is none, so `hadal deploy` sets the number of engines'
        : `scaling.autoscaler is ${autoscaler}, and two autoscalers would overwrite each other’s replica count`,
    )
  return scalerPlanOf({ ...deployment, namespace: flags.namespace ?? deployment.namespace })
}

function readPlan(path: string): ScalerPlan {
  let given: unknown
  try {
    given = JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    throw scalePlanUnreadable(path, messageOf(thrown)).with({ cause: thrown })
  }
  const issue = planIssue(given)
  if (issue !== undefined) throw scalePlanUnreadable(path, issue)
  return given as ScalerPlan
}

/** A rendered plan is complete or not ours: its structure is checked, not each number. */
function planIssue(given: unknown): string | undefined {
  const { version, name, namespace, prometheusUrl, checkIntervalMillis, models } = (given ?? {}) as Partial<
    Record<keyof ScalerPlan, unknown>
  >
  if (version !== 1) return `its version must be 1, got ${JSON.stringify(version)}`
  for (const [key, value] of Object.entries({ name, namespace, prometheusUrl }))
    if (typeof value !== 'string' || value === '') return `${key} is missing`
  if (!URL.canParse(prometheusUrl as string))
    return `prometheusUrl must be a URL, got ${String(prometheusUrl)}`
  if (typeof checkIntervalMillis !== 'number' || !(checkIntervalMillis >= 100))
    return 'checkIntervalMillis is missing'
  if (!Array.isArray(models) || models.length === 0) return 'it has no models'
  for (const each of models as Record<string, Record<string, unknown> | undefined>[]) {
    const { model, target, policy, queries } = each ?? {}
    if (typeof model !== 'string') return 'a model has no name'
    if (
      typeof target?.kind !== 'string' ||
      typeof target.name !== 'string' ||
      typeof target.apiVersion !== 'string'
    )
      return `${String(model)} has no target`
    for (const key of ['minReplicas', 'maxReplicas', 'highPercent', 'lowPercent', 'staleAfterMillis'])
      if (typeof policy?.[key] !== 'number') return `${String(model)} has no policy with ${key}`
    if (typeof queries?.backlog !== 'object' || typeof queries.demand !== 'object')
      return `${String(model)} has no queries`
  }
  return undefined
}
