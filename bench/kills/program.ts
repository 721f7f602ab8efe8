/** Carries out one small run in a process of its own and says what it does, a line each: `program.ts FOLDER STEPS`. */

import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { packStream } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, metricsLog, type TrainListener, train } from '@hadal/train'

const [folder, steps] = process.argv.slice(2) as [string, string]
const pattern = (count: number, start: number): number[] =>
  Array.from({ length: count }, (_, index) => (start + index) ** 2 % 251)

/** Much state for little work: half of its time goes to checkpoints, every other of which holds two states. */
const run = defineRun({
  name: 'kills',
  folder,
  model: {
    vocab_size: 256,
    hidden_size: 128,
    intermediate_size: 256,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 16,
    rms_norm_eps: 1e-5,
    rope_theta: 1000,
    tie_word_embeddings: true,
  },
  data: { train: packStream([pattern(700, 0)], 16, 255), valid: packStream([pattern(100, 7)], 16, 255) },
  batch: { windows: 2, accumulate: 2 },
  average: {},
  schedule: { peak: 0.003, warmupSteps: 5, totalSteps: Number(steps), floorFraction: 0.1 },
  evaluate: { everySteps: 10 },
  checkpoint: { everySteps: 2, keep: 2, best: 1 },
  guard: { snapshotEverySteps: 4 },
})

const announce: TrainListener = (event) => {
  if (event.type === 'started' || event.type === 'step' || event.type === 'checkpoint')
    writeSync(1, `${event.type} ${event.step}\n`)
}

setNumThreads(1)
await train(run, { listeners: [metricsLog(join(folder, 'metrics.jsonl')), announce] })
