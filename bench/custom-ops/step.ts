/** One side of the benchmark in a process of its own: steps of a decoder in fp32, with fused operators or without. Prints JSON. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ModelConfig, packStream } from '@hadal/nn'
import { setNumThreads } from '@hadal/tensor'
import { defineRun, train } from '@hadal/train'

export interface StepsMeasured {
  /** Microseconds of processor time of each step after the first. */
  readonly cpuMicros: readonly number[]
  readonly losses: readonly number[]
  readonly fused: string | undefined
}

const { width, layers, windows, length, steps, fused } = JSON.parse(process.argv[2]!) as Readonly<
  Record<'width' | 'layers' | 'windows' | 'length' | 'steps', number> & { readonly fused: boolean }
>
setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'))
const model: ModelConfig = {
  vocab_size: 4096,
  hidden_size: width,
  intermediate_size: 3 * width,
  num_hidden_layers: layers,
  num_attention_heads: width / 64,
  num_key_value_heads: width / 64,
  max_position_embeddings: length,
  rms_norm_eps: 1e-5,
  rope_theta: 1e4,
  tie_word_embeddings: true,
}
// A text that a model can learn something of.
const text = Array.from({ length: windows * (length + 1) * 4 }, (_, i) => (i * i + 7 * (i >> 3)) % 4093)
const run = defineRun({
  name: 'bench',
  folder,
  model,
  fusedOps: fused,
  data: {
    train: packStream([text], length, 0),
    valid: packStream([text.slice(0, 2 * (length + 1))], length, 0),
  },
  batch: { windows, accumulate: 1 },
  schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: steps, floorFraction: 1 },
  evaluate: { everySteps: 1e6 },
  checkpoint: { everySteps: 1e6, keep: 1 },
})
const cpuMicros: number[] = []
const losses: number[] = []
let told: string | undefined
let before = process.cpuUsage()
await train(run, {
  listeners: [
    (event) => {
      if (event.type === 'started') told = event.fusedOps
      if (event.type !== 'step') return
      const { user, system } = process.cpuUsage(before)
      before = process.cpuUsage()
      if (event.step > 1) cpuMicros.push(user + system)
      losses.push(event.loss)
    },
  ],
})
rmSync(folder, { recursive: true })
console.log(JSON.stringify({ cpuMicros, losses, fused: told } satisfies StepsMeasured))
