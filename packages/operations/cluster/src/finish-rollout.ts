/** Waits for a rollout, and rolls it back if it does not become ready. */

import { type Clock, formatMillis, type HadalError, isHadalError, messageOf } from '@hadal/base'
import { objectName, rolloutAnnotation } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { say } from '@hadal/output'
import { rolloutFailed, rolloutOvertaken, rolloutTimeout } from './errors.ts'
import type { Applied, Executed } from './execute.ts'
import type { KubeClient } from './kube-client.ts'
import { rollBack } from './roll-back.ts'
import { type AwaitedWorkload, reasonsOf, waitForRollout } from './wait-for-rollout.ts'

export interface FinishOptions {
  readonly wait: boolean
  readonly rollback: boolean
  readonly timeoutMillis: number
  readonly pollMillis: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

export type Finish = 'done' | 'interrupted'

/**
 * Throws `rollout_overtaken`; or `rollout_failed` or `rollout_timeout` after restoring the previous state, with what could not be
 * restored.
 */
export async function finishRollout(
  client: KubeClient,
  executed: Executed,
  options: FinishOptions,
  terminal: Terminal,
): Promise<Finish> {
  const { applied, issue } = executed
  const takeBack = (): Promise<string> => takenBack(client, executed, options, terminal)
  if (issue !== undefined) {
    if (!isHadalError(issue)) throw issue
    if (applied.length === 0) throw issue
    throw rolloutFailed([messageOf(issue), issue.help], await takeBack()).with({ cause: issue })
  }
  const workloads = applied.flatMap(({ object, result }): AwaitedWorkload[] =>
    isAwaited(result.kind) ? [{ result, live: object.live }] : [],
  )
  if (!options.wait || workloads.length === 0) return 'done'
  const { verdict, progress } = await waitForRollout(client, workloads, options, terminal)
  if (verdict !== 'interrupted') {
    const taken = await overtaken(client, applied)
    if (taken.length > 0) throw rolloutOvertaken(taken)
  }
  switch (verdict) {
    case 'failed':
      throw rolloutFailed(reasonsOf(progress), await takeBack())
    case 'timeout':
      throw rolloutTimeout(formatMillis(options.timeoutMillis), reasonsOf(progress), await takeBack())
    case 'interrupted':
      terminal.note(say`stopped waiting; the rollout continues:`)
      for (const { line } of progress) terminal.note(`  ${line}`)
      terminal.note(say`check progress with \`hadal deploy status\`, roll back with \`hadal deploy undo\``)
      return 'interrupted'
    default:
      return 'done'
  }
}

/** Workloads that another client rolled out since. They are left as they are. */
async function overtaken(client: KubeClient, applied: readonly Applied[]): Promise<string[]> {
  const names = applied.map(async ({ object, result }) => {
    if (!object.restartsPods) return []
    const now = await client.get(result).catch(() => undefined)
    const mark = result.metadata.annotations?.[rolloutAnnotation]
    const isOurs = now === undefined || now.metadata.annotations?.[rolloutAnnotation] === mark
    return isOurs ? [] : [objectName(result)]
  })
  return (await Promise.all(names)).flat()
}

export const isAwaited = (kind: string): boolean =>
  /^(Deployment|StatefulSet|DaemonSet|LeaderWorkerSet)$/.test(kind)

/** Ends a sentence: `the rollout failed; what stood before is restored`. */
async function takenBack(
  client: KubeClient,
  { applied }: Executed,
  options: FinishOptions,
  terminal: Terminal,
): Promise<string> {
  if (!options.rollback) return ', and what was applied is left as it is (--no-rollback)'
  terminal.note(say`rolling back to the previous state`)
  const { workloads, issues } = await rollBack(client, applied)
  const isFirst = applied.every(({ object }) => object.live === undefined)
  if (issues.length > 0) return `; going back failed, too: ${issues.join('; ')}`
  if (workloads.length === 0)
    return isFirst ? '; what was new is deleted again' : '; what stood before is restored'
  try {
    const { verdict, progress } = await waitForRollout(client, workloads, options, terminal)
    if (verdict === 'done') return '; what stood before is restored, and ready'
    if (verdict === 'interrupted') return '; what stood before is applied again, and nobody waited for it'
    const names = workloads.map(({ result }) => objectName(result)).join(', ')
    return `; what stood before is applied again, and not ready after ${formatMillis(options.timeoutMillis)}: ${reasonsOf(progress).join('; ') || names}`
  } catch (thrown) {
    return `; what stood before is applied again, but whether it is ready is unknown: ${messageOf(thrown as HadalError)}`
  }
}
