/** Validates a run's privacy settings and their compatibility with the rest of the run. */

import { kindOf } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run-config.ts'
import { isStreamed, rowCount } from '../training-data.ts'
import { budgetIssues, optionIssues } from './option-issues.ts'
import { type PrivacyPlan, type PrivateWork, planPrivacy } from './privacy-options.ts'

/**
 * Returns every issue as a sentence that includes the value. The run's parts have a valid form; the budget is only checked if the
 * run otherwise `isSound`.
 */
export function privacyIssues(run: RunConfig, isSound: boolean): string[] {
  const { privacy } = run
  if (privacy === undefined) return []
  const issues = [...optionIssues(privacy).map((issue) => `privacy.${issue}`), ...strangers(run)]
  if (issues.length > 0 || !isSound) return issues
  return budgetIssues(privacy, workOf(run), {
    expectedRows: `batch.windows ${run.batch.windows} times batch.accumulate ${run.batch.accumulate}`,
    steps: 'schedule.totalSteps',
  })
}

/** Privacy plan of a valid run; undefined if it is not private. */
export const privacyPlan = (run: RunConfig): PrivacyPlan | undefined =>
  run.privacy && planPrivacy(run.privacy, workOf(run))

const workOf = ({ batch, data, schedule, checkpointing }: RunConfig): PrivateWork => ({
  rows: rowCount(data.train) ?? 0,
  expectedRows: batch.windows * batch.accumulate,
  steps: schedule.totalSteps,
  recomputes: checkpointing !== undefined,
})

/** Features that cannot be trained privately, or would reveal information about rows that the budget does not count. */
function strangers(run: RunConfig): string[] {
  const { data, objective, precision, guard, lossChunkTokens = 0, checkpointing, privacy = {} } = run
  const issues: string[] = []
  if (isStreamed(data.train))
    issues.push(
      'data.train is a stream; privacy draws each row by itself, so read them into memory (packStream, packDocuments)',
    )
  if (objective.kind !== 'tokens' && objective.kind !== 'classes')
    issues.push(
      `objective ${objective.kind} ${comparing.has(objective.kind) ? 'compares rows with each other, so that no gradient is that of one row' : 'reads pairs, whose gradients are not clipped here'}; privacy trains tokens and classes`,
    )
  if (precision !== 'fp32' && precision !== 'bf16')
    issues.push(
      `precision ${JSON.stringify(precision)} scales by what all rows of a step have in common; with privacy choose "fp32" or "bf16"`,
    )
  if (guard !== false)
    issues.push(
      'guard uses losses that the budget does not cover; with privacy, remove it or set it to false',
    )
  if (lossChunkTokens > 0)
    issues.push(
      `lossChunkTokens is ${lossChunkTokens}; a loss in chunks knows no single row, so with privacy it must be 0`,
    )
  if (checkpointing?.memoryTarget !== undefined)
    issues.push('checkpointing.memoryTarget does not account for privacy; use checkpointing.every')
  if (checkpointing !== undefined && privacy.mode === 'book-keeping')
    issues.push(
      'privacy.mode book-keeping needs the activations that checkpointing discards; use ghost, or remove checkpointing',
    )
  return [...issues, ...divisionIssues(run), ...kindOf(run.model).privateIssues(run)]
}

const comparing: ReadonlySet<string> = new Set(['contrastive', 'sigmoid'])

function divisionIssues({ parallel = {} }: RunConfig): string[] {
  const divided = (['data', 'tensor', 'expert', 'zero'] as const).filter(
    (part) => (parallel[part] ?? 0) > (part === 'zero' ? 0 : 1),
  )
  return divided.map(
    (part) => `parallel.${part} is ${parallel[part]}; a private run is carried out by one process`,
  )
}
