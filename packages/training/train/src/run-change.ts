/** Decides whether a run can resume from a checkpoint. Decisions only. */

import { learningRateAt } from '@hadal/nn'
import type { Ledger } from '@hadal/privacy'
import type { CheckpointState } from './checkpoint-file.ts'
import { privacyPlan } from './privacy/privacy-issues.ts'
import type { Run } from './run.ts'

/** The reason a run cannot resume from a checkpoint, in words; undefined if it can. */
export function changeSince(
  run: Run,
  { fingerprint, schedule, step, ledger }: CheckpointState,
): string | undefined {
  if (fingerprint !== run.fingerprint)
    return noiseChange(run, ledger) ?? 'its configuration or data changed since'
  for (let done = 0; done < step; done += 1)
    if (learningRateAt(schedule, done) !== learningRateAt(run.schedule, done))
      return `its schedule changed before step ${done + 1}, and the checkpoint is of step ${step}`
  return undefined
}

/** For private runs whose derived noise changed with budget or steps. */
function noiseChange(run: Run, ledger: Ledger = []): string | undefined {
  const plan = privacyPlan(run)
  const before = ledger.at(-1)?.noiseMultiplier
  if (!plan?.isDerived || before === undefined || before === plan.noiseMultiplier) return undefined
  return `its budget requires a noise of ${plan.noiseMultiplier}, but its checkpoints used ${before}: set privacy.noiseMultiplier to ${before} to resume`
}
