// Facts of the published run that its files do not contain, recorded when it ran.

import type { RunFacts } from '../nano/card/card-facts.ts'

export const publishedRun: RunFacts = {
  command: 'node --conditions=@hadal/source --import tsx recipes/nano-deepseek/train.ts --threads 1',
  remarks: [
    'The number of steps is that of the Llama it is compared with: it was written to `runs/nano-deepseek/plan.json` before the start, where `--minutes` would else have put its own.',
    'The machine was busy with other work all the while, so the time says little.',
  ],
  threads: 1,
  precision: 'bf16 forward and backward, fp32 weights and optimizer',
  machine: '2 cores of an AMD EPYC with AVX512-BF16, shared with other work',
  software: 'libtorch 2.6.0 and Node.js 20.20',
}
