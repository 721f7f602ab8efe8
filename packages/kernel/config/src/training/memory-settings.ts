/** Memory settings of a run. */

import { bytes, share, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface MemorySettings {
  readonly 'memory.limit': Said<number>
  readonly 'memory.emptyEverySteps': Said<number>
  readonly 'memory.emptyAtFragmentation': Said<number>
}

export const memorySettings: Rows<MemorySettings> = {
  'memory.limit': row(
    'Run',
    'size',
    bytes,
    'The most that tensors may take together; a pass that does not fit is read in parts, with the same gradients.',
    'what the machine has',
  ),
  'memory.emptyEverySteps': row(
    'Run',
    'steps',
    wholeNumber(1),
    'Gives the system back what the allocator holds free, every so many steps.',
    'never',
  ),
  'memory.emptyAtFragmentation': row(
    'Run',
    'share',
    share,
    'The same after a step that leaves more than this share of what the allocator holds free.',
    'never',
  ),
}
