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
    'Parts that each batch is divided into. Data, times tensor, is the number of ranks.',
    'all ranks, divided by tensor',
  ),
  'parallel.tensor': row('Parallel', 'ranks', wholeNumber(1), 'Parts that each layer is divided into.', '1'),
  'parallel.expert': row(
    'Parallel',
    'ranks',
    wholeNumber(1),
    'Parts that the experts of a mixture are divided into, among the ranks that divide the batch.',
    '1',
  ),
  'parallel.sequence': row(
    'Parallel',
    'boolean',
    flag,
    'With `parallel.tensor`: divides what lies between the divided layers, too, along the sequence.',
    'false',
  ),
  'parallel.zero': row(
    'Parallel',
    'stage',
    wholeNumber(0, 3),
    'What the ranks that divide the batch keep a part of alone: 1 the state of the optimizer, 2 gradients, too, 3 weights, too; 0 nothing.',
    '0',
  ),
  'parallel.bucketBytes': row(
    'Parallel',
    'size',
    sizeFrom(1024, 2 ** 32),
    'Gradients are summed over the ranks in parts of this size, while the rest of them is computed.',
    '25 MiB',
  ),
  'parallel.timeoutSeconds': row(
    'Parallel',
    'seconds',
    positive,
    'How long a rank is waited for before it is taken to hang. It must be longer than a step, an evaluation and writing a checkpoint.',
    '600',
  ),
}
