/** Features of a run that rule out a parallel layout it does not use yet; for layout proposals. */

import { isLanguageRun } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run-config.ts'
import { dividedBatchIssues } from './data-issues.ts'
import { dividedIssues } from './divided-issues.ts'
import type { Parts } from './plan-layout.ts'

/**
 * Returns every issue as a sentence; the run is valid as it is.
 *
 * @internal
 */
export function refusedParts(run: RunConfig, parts: Parts): string[] {
  if (!isLanguageRun(run)) return ['ranks divide language models alone']
  const other = { ...run, parallel: { ...run.parallel, ...parts } }
  return [...dividedIssues(other), ...dividedBatchIssues(other)]
}
