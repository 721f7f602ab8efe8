/** Waits for unchanged objects that are not ready: an interrupted apply left them so, or they broke since. Never rolls them back. */

import { formatMillis, isHadalError } from '@hadal/base'
import { type KubeWorkload, objectName, type RolloutPlan, standingBudget, watchRollout } from '@hadal/fleet'
import type { Terminal } from '@hadal/output'
import { rolloutFailed, rolloutTimeout } from './errors.ts'
import { type Finish, type FinishOptions, isAwaited } from './finish-rollout.ts'
import type { KubeClient } from './kube-client.ts'
import { type AwaitedWorkload, look, reasonsOf, waitForRollout } from './wait-for-rollout.ts'

/** Throws `rollout_failed` and `rollout_timeout`. */
export async function awaitStanding(
  client: KubeClient,
  plan: RolloutPlan,
  options: Omit<FinishOptions, 'timeoutMillis'> & { readonly timeoutMillis: number | undefined },
  terminal: Terminal,
): Promise<Finish> {
  const workloads = await unready(client, plan)
  if (!options.wait || workloads.length === 0) return 'done'
  for (const { result } of workloads)
    terminal.note(`${objectName(result)} is unchanged and not ready; waits for it`)
  const timeoutMillis =
    options.timeoutMillis ??
    Math.max(...workloads.map(({ result }) => standingBudget(result as KubeWorkload)))
  const { verdict, progress } = await waitForRollout(
    client,
    workloads,
    { ...options, timeoutMillis },
    terminal,
  )
  const after = ' of what was not changed; nothing is taken back'
  if (verdict === 'failed') throw rolloutFailed(reasonsOf(progress), after)
  if (verdict === 'timeout') throw rolloutTimeout(formatMillis(timeoutMillis), reasonsOf(progress), after)
  return verdict
}

/** Pods that the client may not read are not reported. */
async function unready(client: KubeClient, { objects }: RolloutPlan): Promise<AwaitedWorkload[]> {
  const watches = objects.flatMap(({ action, live }) =>
    action === 'unchanged' && live !== undefined && isAwaited(live.kind)
      ? [
          {
            result: live,
            watch: watchRollout(objectName(live), { generation: 0, before: [], patienceMillis: 0 }),
          },
        ]
      : [],
  )
  try {
    const progress = await look(client, watches, 0)
    return watches.flatMap(({ result }, index) =>
      progress[index]?.verdict === 'done' ? [] : [{ result, live: undefined }],
    )
  } catch (thrown) {
    if (isHadalError(thrown) && thrown.code === 'cluster_forbidden') return []
    throw thrown
  }
}
