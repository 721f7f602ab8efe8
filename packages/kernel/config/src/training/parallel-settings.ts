/** Settings of multi-process training. They do not affect the weights beyond rounding. */

import { flag, positive, sizeFrom, wholeNumber } from '../kinds.ts'
import { type Rows, row, type Said } from './setting-row.ts'

export interface ParallelSettings {
  readonly 'parallel.data': Said<number>
  readonly 'parallel.tensor': Said<number>
  readonly 'parallel.expert': Said<number>
  readonly 'parallel.sequence': Said<boolean>
  readonly 'parallel.zero': Said<number>
  readonly 'parallel.bucketBytes': Said<number>
  readonly 'parallel.timeoutSeconds': Said<number>
}

export const parallelSettings: Rows<ParallelSettings> = {
  'parallel.data': row(
    'Parallel',
    'ranks',
    wholeNumber(1),
    'Data-parallel degree. Data times tensor equals the number of ranks.',
    'all ranks divided by tensor',
  ),
  'parallel.tensor': row('Parallel', 'ranks', wholeNumber(1), 'Tensor-parallel degree.', '1'),
  'parallel.expert': row(
    'Parallel',
    'ranks',
    wholeNumber(1),
    'Expert-parallel degree, within the data-parallel ranks.',
    '1',
  ),
  'parallel.sequence': row(
    'Parallel',
    'boolean',
    flag,
    'With `parallel.tensor`: also shard activations between the layers along the sequence (sequence parallelism).',
    'false',
  ),
  'parallel.zero': row(
    'Parallel',
    'stage',
    wholeNumber(0, 3),
    'ZeRO stage, sharded over data-parallel ranks: 1 optimizer state, 2 also gradients, 3 also weights; 0 none.',
    '0',
  ),
  'parallel.bucketBytes': row(
    'Parallel',
    'size',
    sizeFrom(1024, 2 ** 32),
    'Bucket size of the gradient all-reduce, which overlaps with the backward pass.',
    '25 MiB',
  ),
  'parallel.timeoutSeconds': row(
    'Parallel',
    'seconds',
    positive,
    'Timeout after which a rank is considered hung. Must exceed the time of a step, an evaluation and a checkpoint.',
    '600',
  ),
}
