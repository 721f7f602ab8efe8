/** Batches that two processes of one thread divide, beside one process of one thread and one of two. */

import { alone, compareWays } from '../compare-ways.ts'
import type { ScenarioFlags } from '../scenario.ts'

const divided = { ranks: 2, threads: 1 }
/** More than all gradients: they are sent when the way back through the layers is over. */
const oneBucket = 2 ** 32
/** So that a small model has several. */
const bucketBytes = 2 ** 21

export const dataParallel = (flags: ScenarioFlags): Promise<void> =>
  compareWays(
    {
      name: 'data-parallel',
      title: 'Data parallelism',
      ways: [
        ...alone,
        { name: 'batch divided by two', ...divided, parallel: { bucketBytes } },
        { name: 'the same in buckets of 25 MiB', ...divided, parallel: {} },
        { name: 'the same, not overlapped', ...divided, parallel: { bucketBytes: oneBucket } },
        { name: 'zero 1', ...divided, parallel: { bucketBytes, zero: 1 } },
        { name: 'zero 2', ...divided, parallel: { bucketBytes, zero: 2 } },
        { name: 'zero 3', ...divided, parallel: { bucketBytes, zero: 3 } },
      ],
    },
    flags,
  )
