/** Layers that two processes of one thread divide, beside one process of one thread and one of two. */

import { alone, compareWays } from '../compare-ways.ts'
import type { ScenarioFlags } from '../scenario.ts'

const divided = { ranks: 2, threads: 1 }

export const tensorParallel = (flags: ScenarioFlags): Promise<void> =>
  compareWays(
    {
      name: 'tensor-parallel',
      title: 'Tensor parallelism',
      ways: [
        ...alone,
        { name: 'layers divided by two', ...divided, parallel: { tensor: 2 } },
        { name: 'and the sequence between them', ...divided, parallel: { tensor: 2, sequence: true } },
      ],
    },
    flags,
  )
