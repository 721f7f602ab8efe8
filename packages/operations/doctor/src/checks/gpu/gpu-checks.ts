/** The checks of GPUs. A new one is an entry of one of these tables. */

import type { Check } from '../check.ts'
import { answerChecks } from './answers.ts'
import { driverChecks } from './driver.ts'
import { linkChecks } from './links.ts'
import { memoryFaultChecks } from './memory-faults.ts'
import { sharingChecks } from './sharing.ts'
import { speedChecks } from './speed.ts'
import { xidChecks } from './xid.ts'

export { gpuSources } from './sources.ts'

/** @internal */
export const gpuChecks: readonly Check[] = [
  ...answerChecks,
  ...driverChecks,
  ...memoryFaultChecks,
  ...speedChecks,
  ...sharingChecks,
  ...linkChecks,
  ...xidChecks,
]
