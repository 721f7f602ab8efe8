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
    'Memory limit for all tensors. A pass that does not fit is split, with the same gradients.',
    'the machine’s memory',
  ),
  'memory.emptyEverySteps': row(
    'Run',
    'steps',
    wholeNumber(1),
    'Release free allocator memory to the system every N steps.',
    'never',
  ),
  'memory.emptyAtFragmentation': row(
    'Run',
    'share',
    share,
    'Release it after a step that leaves more than this share of allocator memory free.',
    'never',
  ),
}
