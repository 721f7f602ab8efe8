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
    'Number of steps to profile; results go to the run folder (`hadal profile`). `--profile` alone uses the default.',
    'none; 3 with profiling',
  ),
  'profile.afterSteps': row(
    'Run',
    'steps',
    wholeNumber(0),
    'Warm-up steps before profiling.',
    '3 with profiling',
  ),
  'profile.memory': row(
    'Run',
    'boolean',
    flag,
    'Also record every allocation, to show memory use at the peak.',
    'true with profiling',
  ),
}
