/** Profiler settings. */

import { flag, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface ProfileSettings {
  readonly 'profile.steps': Said<number>
  readonly 'profile.afterSteps': Said<number>
  readonly 'profile.memory': Said<boolean>
}

export const profileSettings: Rows<ProfileSettings> = {
  'profile.steps': row(
    'Run',
    'steps',
    wholeNumber(1),
    'Records so many steps, and leaves in the folder of the run where their time and memory went (`hadal profile`). `--profile` alone is the usual number.',
    'none; 3 with a profile',
  ),
  'profile.afterSteps': row(
    'Run',
    'steps',
    wholeNumber(0),
    'Steps that pass before, so that everything is warm.',
    '3 with a profile',
  ),
  'profile.memory': row(
    'Run',
    'boolean',
    flag,
    'Records every allocation as well: who held what at the peak.',
    'true with a profile',
  ),
}
