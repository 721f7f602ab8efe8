/** Functions that read several lines, by the names that the data gives them: `"shows": { "reader": "norms_high" }`. */

import type { LogLine, Sighting } from '@hadal/doctor'
import { lossNotFinite, normsHigh, normsRising } from './readers/divergence.ts'
import { hadalErrors } from './readers/hadal-errors.ts'
import { oomFigures, readOomsOf } from './readers/oom-figures.ts'
import { uncaughtErrors } from './readers/uncaught-errors.ts'

export interface Reader {
  readonly read: (lines: readonly LogLine[]) => readonly Sighting[]
  /** All that it may find, for the templates. */
  readonly figures: readonly string[]
}

const step = ['place', 'goodPlace', 'learningRate', 'layer', 'batch']

export const readers: Readonly<Record<string, Reader>> = {
  hadal_errors: { read: hadalErrors, figures: ['code', 'message', 'help'] },
  uncaught_errors: { read: uncaughtErrors, figures: ['error'] },
  norms_high: { read: normsHigh, figures: [...step, 'norm', 'steps'] },
  norms_rising: { read: normsRising, figures: [...step, 'norm', 'before'] },
  loss_not_finite: { read: lossNotFinite, figures: [...step, 'loss'] },
  cuda_oom_plain: { read: readOomsOf('plain'), figures: oomFigures },
  cuda_oom_other_process: { read: readOomsOf('other_process'), figures: oomFigures },
  cuda_oom_private_pools: { read: readOomsOf('private_pools'), figures: oomFigures },
  cuda_oom_fragmented: { read: readOomsOf('fragmented'), figures: oomFigures },
  cuda_oom_above_capacity: { read: readOomsOf('above_capacity'), figures: oomFigures },
  cuda_oom_ample_free: { read: readOomsOf('ample_free'), figures: oomFigures },
}
