/** Tokens a second of one training step for decoder shapes around the nano model, in fp32 and bf16: nothing to compare with. */

import { availableParallelism } from 'node:os'
import { type DecoderConfig, type Precision, packStream, parameterCount } from '@hadal/nn'
import { getNumThreads, setNumThreads } from '@hadal/tensor'
import { defineRun, measureSpeed } from '@hadal/train'
import type { ScenarioFlags } from '../scenario.ts'

const decoder = (
  hidden_size: number,
  intermediate_size: number,
  num_hidden_layers: number,
  num_attention_heads: number,
  num_key_value_heads: number,
): DecoderConfig => ({
  vocab_size: 4096,
  hidden_size,
  intermediate_size,
  num_hidden_layers,
  num_attention_heads,
  num_key_value_heads,
  max_position_embeddings: 512,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
})

const models: Readonly<Record<string, DecoderConfig>> = {
  'd256 x 6, 4 heads': decoder(256, 768, 6, 4, 2),
  'd256 x 8, 4 heads': decoder(256, 768, 8, 4, 2),
  'd256 x 8, 8 heads': decoder(256, 768, 8, 8, 2),
  'd320 x 6, 5 heads': decoder(320, 896, 6, 5, 1),
  'd320 x 8, 5 heads': decoder(320, 896, 8, 5, 1),
}
const windowLength = 256
const windows = 16

/** Prints one JSON line a measurement; the shapes take turns within a round, so that a busy machine slows all of them. */
export async function shapes({ threads, only, rounds = 3, steps = 8 }: ScenarioFlags): Promise<void> {
  const text = Array.from({ length: 64 * windowLength + 1 }, (_, index) => (index * 7919) % 4096)
  const data = packStream([text], windowLength, 0)
  setNumThreads(threads ?? availableParallelism())
  for (let round = 1; round <= rounds; round += 1)
    for (const [shape, model] of Object.entries(models)) {
      if (!shape.includes(only)) continue
      for (const precision of ['bf16', 'fp32'] as const satisfies Precision[]) {
        const run = defineRun({
          name: 'speed',
          folder: 'unused',
          model,
          precision,
          data: { train: data, valid: data },
          batch: { windows, accumulate: 1 },
          schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: 1, floorFraction: 1 },
          evaluate: { everySteps: 1 },
        })
        const tokensPerSecond = Math.round(await measureSpeed(run, steps))
        const parameters = parameterCount(model)
        console.log(
          JSON.stringify({ round, shape, precision, parameters, tokensPerSecond, threads: getNumThreads() }),
        )
      }
    }
}
