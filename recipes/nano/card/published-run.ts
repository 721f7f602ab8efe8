// Facts of the published run that its files do not contain, recorded when it ran.

import type { RunFacts } from './card-facts.ts'

export const publishedRun: RunFacts = {
  command:
    'node --conditions=@hadal/source --import tsx recipes/nano/train.ts --threads 1 --minutes 60 --data .data/nano-run',
  remarks: [
    'The number of steps was set by hand: it was written to `runs/nano/plan.json` before the start, where `--minutes` would else have put its own.',
    '`.data/nano-run` was a copy of `.data/nano`.',
  ],
  threads: 1,
  precision: 'bf16 forward and backward, fp32 weights and optimizer',
  machine: '2 cores of an AMD EPYC with AVX512-BF16, shared with other work',
  software: 'libtorch 2.6.0 and Node.js 20.20',
}
