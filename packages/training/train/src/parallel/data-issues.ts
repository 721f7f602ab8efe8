/** Run features that are incompatible with data parallelism. */

import type { RunConfig } from '../run-config.ts'
import { parallelDefaults } from './parallel-options.ts'

/** Returns every issue as a sentence that includes the value. The run is otherwise valid. */
export function dividedBatchIssues({
  parallel,
  precision,
}: Pick<RunConfig, 'parallel' | 'precision'>): string[] {
  const { zero, expert } = { ...parallelDefaults, ...parallel }
  const issues: string[] = []
  if (zero > 0 && expert > 1)
    issues.push(
      `parallel.zero ${zero} shares what all ranks have, and with parallel.expert ${expert} they differ: choose one of them`,
    )
  if (zero === 3 && precision === 'fp8')
    issues.push(
      'parallel.zero 3 gathers weights only while they are read, and precision "fp8" reads all of them after a step: choose zero 2',
    )
  return issues
}
