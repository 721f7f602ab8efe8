/** `hadal deploy undo`: Deployments back to a revision that their ReplicaSets still have, by the room that there is. */

import { type Clock, type HadalError, isHadalError, parseMillis, systemClock } from '@hadal/base'
import {
  type ClusterFlags,
  execute,
  confirm,
  fieldChangeLines,
  fieldManager,
  finishRollout,
  type KubeClient,
  listOwn,
  makePlan,
  openCluster,
  rolloutNotFound,
  type WantedManifests,
  wantedManifests,
  whereAllowed,
} from '@hadal/cluster'
import {
  chooseRollback,
  type KubeObject,
  type KubeWorkload,
  lastRolledOut,
  type Manifest,
  objectName,
  ownedFields,
  type Rollback,
  revisionIncomplete,
} from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { exitCodes, reportError, say, usage, watchStopSignals, wrapText } from '@hadal/output'
import { budgetOf, interruptedCode } from './deploy-apply.ts'
import { refusedCode } from './deploy-plan.ts'

export interface DeployUndoFlags extends ClusterFlags {
  readonly to?: string
  /** Selects one of several workloads that were rolled out together. */
  readonly workload?: string
  readonly timeout?: string
  readonly poll?: string
  readonly wait?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

const command = 'hadal deploy undo'

/** Throws `rollout_revision_not_found`, `rollout_nothing_to_undo`, `rollout_not_found` and errors of `apply`. */
export async function deployUndo(
  flags: DeployUndoFlags,
  terminal: Terminal,
  clock: Clock = systemClock,
): Promise<number> {
  const to = revisionFlag(flags.to)
  const wanted = await wantedManifests(flags, terminal, command)
  using client = await openCluster(flags, terminal)
  const namespace = wanted.namespace ?? client.namespace
  const chosen = await chooseWorkloads(client, namespace, wanted, flags, to)
  const replicaSets = await client.list('apps/v1', 'ReplicaSet', { namespace })
  const rollbacks = rollbacksOf(chosen, replicaSets, to, terminal)
  for (const { rollback } of rollbacks) {
    const missing = await missingConfigMaps(client, namespace, rollback)
    if (missing.length > 0) throw revisionIncomplete(rollback.name, rollback.to, missing)
    notify(rollback, terminal)
  }
  const manifests = rollbacks.map(({ workload, rollback }) => undone(workload, rollback))
  const { plan, forbidden } = await makePlan(
    client,
    { ...wanted, namespace, manifests, isWritten: false },
    { force: true },
  )
  for (const { why } of plan.workloads) terminal.print(wrapText(why, terminal.columns, '  ').join('\n'))
  const blockers = forbidden === undefined ? plan.blockers : [forbidden, ...plan.blockers]
  if (blockers.length > 0) {
    for (const blocker of blockers) reportError(blocker, terminal)
    return refusedCode
  }
  if (flags.dryRun) return exitCodes.success
  if (!flags.yes && !(await confirm(say`roll back in ${client.context}?`, terminal, command)))
    return exitCodes.success
  using signals = watchStopSignals()
  const executed = await execute(client, plan, {
    force: true,
    startedAt: new Date(clock.wallClock()).toISOString(),
    onApplied: ({ manifest }) => terminal.note(say`changed ${objectName(manifest)}`),
  })
  const finish = await finishRollout(
    client,
    executed,
    {
      wait: flags.wait ?? true,
      // The undone version was abandoned for a reason.
      rollback: false,
      timeoutMillis: flags.timeout === undefined ? budgetOf(plan) : parseMillis(flags.timeout),
      pollMillis: parseMillis(flags.poll ?? '1s'),
      clock,
      signal: signals.first,
    },
    terminal,
  )
  if (finish === 'interrupted') return interruptedCode(signals.first)
  terminal.note(
    flags.wait === false
      ? say`applied; check readiness with \`hadal deploy status\``
      : say`rolled back, and ready`,
  )
  return exitCodes.success
}

function revisionFlag(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  if (!/^[1-9]\d*$/.test(given)) throw usage(say`--to must be a revision number, not ${given}`, command)
  return Number(given)
}

/** Those of the last rollout; a revision applies to a single workload. */
async function chooseWorkloads(
  client: KubeClient,
  namespace: string,
  wanted: WantedManifests,
  { workload: name }: DeployUndoFlags,
  to: number | undefined,
): Promise<readonly KubeWorkload[]> {
  const all = (await listOwn(client, 'apps/v1', 'Deployment', namespace, wanted)) as readonly KubeWorkload[]
  if (all.length === 0) throw rolloutNotFound(wanted.instance ?? say`these manifests`, namespace)
  if (name !== undefined) {
    const found = all.find(({ metadata }) => metadata.name === name)
    if (found === undefined)
      throw usage(
        say`unknown Deployment ${name}; Deployments are ${all.map(({ metadata }) => metadata.name).join(', ')}`,
        command,
      )
    return [found]
  }
  const last = lastRolledOut(all)
  if (to !== undefined && last.length > 1)
    throw usage(
      say`--to applies to one Deployment: select it with --workload ${last.map(({ metadata }) => metadata.name).join(' or ')}`,
      command,
    )
  return last
}

async function missingConfigMaps(
  client: KubeClient,
  namespace: string,
  { configMaps }: Rollback,
): Promise<string[]> {
  const requested = configMaps.map(async (name) => {
    const found = await whereAllowed(
      client
        .get({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } })
        .then((object) => ({ object })),
    )
    return found !== undefined && found.object === undefined ? [name] : []
  })
  return (await Promise.all(requested)).flat()
}

interface UndoneWorkload {
  readonly workload: KubeWorkload
  readonly rollback: Rollback
}

/** A workload created by the last rollout has no previous revision and is left out. */
function rollbacksOf(
  chosen: readonly KubeWorkload[],
  replicaSets: readonly KubeObject[],
  to: number | undefined,
  terminal: Terminal,
): readonly UndoneWorkload[] {
  const rollbacks: UndoneWorkload[] = []
  const issues: HadalError[] = []
  for (const workload of chosen)
    try {
      rollbacks.push({ workload, rollback: chooseRollback(workload, replicaSets, to) })
    } catch (thrown) {
      if (!isHadalError(thrown) || thrown.code !== 'rollout_nothing_to_undo') throw thrown
      issues.push(thrown)
    }
  const [first] = issues
  if (rollbacks.length === 0 && first !== undefined) throw first
  for (const { message } of issues) terminal.note(say`${message}: not rolled back`)
  return rollbacks
}

/** What we applied, with the old template; for other owners only the template. */
function undone(workload: KubeWorkload, { template }: Rollback): Manifest {
  const owned = ownedFields(workload, fieldManager)
  return { ...owned, spec: { ...(owned.spec as object | undefined), template } }
}

function notify({ name, from, to, restores }: Rollback, terminal: Terminal): void {
  terminal.print(say`${name}: revision ${from ?? '?'} → ${to}`)
  for (const change of restores)
    for (const line of fieldChangeLines(change, terminal.style, terminal.columns)) terminal.print(line)
}
