/** `hadal deploy apply`: applies the plan, waits until pods are ready, and rolls back on failure. */

import { type Clock, parseMillis, systemClock } from '@hadal/base'
import {
  awaitStanding,
  execute,
  confirm,
  finishRollout,
  makePlan,
  openCluster,
  planJson,
  planText,
  pruneObjects,
  wantedManifests,
} from '@hadal/cluster'
import { type KubeWorkload, objectName, type RolloutPlan, rolloutBudget, standingBudget } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, reportError, say, signalExitCode, watchStopSignals } from '@hadal/output'
import { type DeployPlanFlags, refusedCode } from './deploy-plan.ts'

export interface DeployApplyFlags extends DeployPlanFlags {
  readonly timeout?: string
  readonly poll?: string
  readonly wait?: boolean
  readonly rollback?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const command = 'hadal deploy apply'

/** Throws planning errors, `rollout_failed` and `rollout_timeout`. */
export async function deployApply(
  flags: DeployApplyFlags,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const wanted = await wantedManifests(flags, terminal, command)
  using client = await openCluster(flags, terminal)
  const { plan, reading, forbidden } = await makePlan(client, wanted, flags)
  const place = { server: client.server, context: client.context, namespace: reading.namespace }
  if (flags.json) terminal.print(JSON.stringify(planJson(plan, place), null, 2))
  else terminal.print(planText(withoutBlockers(plan), place, terminal.style, terminal.columns))
  const blockers = forbidden === undefined ? plan.blockers : [forbidden, ...plan.blockers]
  if (blockers.length > 0) {
    for (const blocker of blockers) reportError(blocker, terminal)
    terminal.note(say`nothing was changed`)
    return refusedCode
  }
  const isSame = plan.objects.every(({ action }) => action === 'unchanged' || action === 'leaveOut')
  if (isSame) terminal.note(say`nothing to change`)
  else if (flags.dryRun) {
    terminal.note(say`the server accepts all manifests; nothing was changed (--dry-run)`)
    return exitCodes.success
  }
  if (isSame && flags.dryRun) return exitCodes.success
  if (!isSame && !flags.yes && !(await confirm(say`apply this to ${client.context}?`, terminal, command))) {
    terminal.note(say`nothing was changed`)
    return exitCodes.success
  }
  using signals = watchStopSignals()
  const executed = await execute(client, plan, {
    force: flags.force ?? false,
    startedAt: new Date(clock.wallClock()).toISOString(),
    onApplied: ({ action, manifest }) =>
      terminal.note(`${action === 'create' ? say`created` : say`changed`} ${objectName(manifest)}`),
  })
  const options = {
    wait: flags.wait ?? true,
    rollback: flags.rollback ?? true,
    pollMillis: parseMillis(flags.poll ?? '1s'),
    clock,
    signal: signals.first,
  }
  const timeoutMillis = flags.timeout === undefined ? undefined : parseMillis(flags.timeout)
  const finish = await finishRollout(
    client,
    executed,
    { ...options, timeoutMillis: timeoutMillis ?? budgetOf(plan) },
    terminal,
  )
  if (finish === 'interrupted') return interruptedCode(signals.first)
  if ((await awaitStanding(client, plan, { ...options, timeoutMillis }, terminal)) === 'interrupted')
    return interruptedCode(signals.first)
  if (isSame) return exitCodes.success
  const issues = await pruneObjects(client, plan, ({ manifest }) =>
    terminal.note(say`deleted ${objectName(manifest)}`),
  )
  for (const issue of issues) terminal.note(say`not deleted: ${issue}`)
  terminal.note(doneText(plan, flags.wait ?? true))
  return issues.length > 0 ? exitCodes.failure : exitCodes.success
}

/** They are reported at the end, as errors. */
const withoutBlockers = (plan: RolloutPlan): RolloutPlan => ({ ...plan, blockers: [] })

export const interruptedCode = (signal: AbortSignal): number =>
  signalExitCode(signal.reason === 'SIGTERM' ? 'SIGTERM' : 'SIGINT')

const minBudgetMillis = 60_000

/** Workloads roll at the same time. */
export function budgetOf({ workloads, objects }: RolloutPlan): number {
  return Math.max(
    minBudgetMillis,
    ...objects.flatMap(({ manifest, action }) =>
      manifest.kind === 'DaemonSet' && action !== 'unchanged'
        ? [standingBudget(manifest as KubeWorkload)]
        : [],
    ),
    ...workloads.map((workload) => {
      const object = objects.find(({ key }) => key === workload.key)
      return object === undefined ? 0 : rolloutBudget(object.manifest as KubeWorkload, workload)
    }),
  )
}

function doneText({ workloads }: RolloutPlan, isAwaited: boolean): string {
  if (!isAwaited && workloads.length > 0) return say`applied; check readiness with \`hadal deploy status\``
  return workloads.length > 0 ? say`applied, and ready` : say`applied`
}
