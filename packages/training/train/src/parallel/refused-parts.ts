/** What of a run does not go with being divided in a way that it does not ask for: for proposals. */

import { isLanguageRun } from '../kinds/kind-of.ts'
import type { RunConfig } from '../run.ts'
import { dividedBatchFaults } from './data-faults.ts'
import { dividedFaults } from './divided-faults.ts'
import type { Parts } from './plan-layout.ts'

/**
 * Every fault as a sentence; the run is sound as it is.
 *
 * @internal
 */
export function refusedParts(run: RunConfig, parts: Parts): string[] {
  if (!isLanguageRun(run)) return ['ranks divide language models alone']
  const other = { ...run, parallel: { ...run.parallel, ...parts } }
  return [...dividedFaults(other), ...dividedBatchFaults(other)]
}
