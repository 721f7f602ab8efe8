/** Whether a checkpoint lies on a run's way. Decisions only. */

import { learningRateAt } from '@hadal/nn'
import type { CheckpointState } from './checkpoint-file.ts'
import type { Run } from './run.ts'

/** Why a run cannot go on after a checkpoint, in words; undefined when it can. */
export function changeSince(
  run: Pick<Run, 'fingerprint' | 'schedule'>,
  { fingerprint, schedule, step }: CheckpointState,
): string | undefined {
  if (fingerprint !== run.fingerprint) return 'its configuration or data changed since'
  for (let done = 0; done < step; done += 1)
    if (learningRateAt(schedule, done) !== learningRateAt(run.schedule, done))
      return `its schedule changed before step ${done + 1}, and the checkpoint is of step ${step}`
  return undefined
}
