/** `hadal deploy plan`: the changes an apply would make, the rollout strategy, and whether it can finish. Changes nothing. */

import {
  type ClusterFlags,
  makePlan,
  openCluster,
  type PlanChoices,
  planJson,
  planText,
  wantedManifests,
} from '@hadal/cluster'
import type { Terminal } from '@hadal/output'
import { exitCodes } from '@hadal/output'

export interface DeployPlanFlags extends ClusterFlags, PlanChoices {
  readonly json?: boolean
}

/** Blockers of `apply`, and findings of `diff` and `status`. */
export const refusedCode = 3

export async function deployPlan(flags: DeployPlanFlags, terminal: Terminal): Promise<number> {
  const wanted = await wantedManifests(flags, terminal, 'hadal deploy plan')
  using client = await openCluster(flags, terminal)
  const { plan, reading } = await makePlan(client, wanted, flags)
  const place = { server: client.server, context: client.context, namespace: reading.namespace }
  if (flags.json) terminal.print(JSON.stringify(planJson(plan, place), null, 2))
  else terminal.print(planText(plan, place, terminal.style, terminal.columns))
  return plan.blockers.length > 0 ? refusedCode : exitCodes.success
}
