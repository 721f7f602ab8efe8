/**
 * What a loss scale is for: pairs of answers whose loss has tiny gradients (DPO with a tiny beta), trained for a few steps in fp16
 * with different scales, and how far the weights go where fp32 takes them.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  adamWDefaults,
  type DecoderConfig,
  type LossScaleOptions,
  type Precision,
  packStream,
} from '@hadal/nn'
import { manualSeed, scope, torch } from '@hadal/tensor'
import { defineRun, newestWeights, train, type Weights } from '@hadal/train'
import { freshWeights } from './task.ts'

export interface FaintResult {
  readonly scale: number
  /** Mean norm of gradients, as a part of what fp32 has. */
  readonly normOfFp32: number
  /** Of the change of all weights with that in fp32; 0 where nothing changed. */
  readonly cosine: number
}

const scales = [1, 8, 128, 65_536]
const steps = 10
const model: DecoderConfig = {
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1000,
  tie_word_embeddings: true,
}

export async function faintGradients(): Promise<FaintResult[]> {
  const startFrom = loud(freshWeights(model, 1))
  const reference = await moved(startFrom, 'fp32')
  const results: FaintResult[] = []
  for (const scale of scales) {
    const { norm, change } = await moved(startFrom, 'fp16', { initial: scale })
    results.push({ scale, normOfFp32: norm / reference.norm, cosine: cosine(change, reference.change) })
  }
  return results
}

async function moved(
  startFrom: Weights,
  precision: Precision,
  lossScale?: Partial<LossScaleOptions>,
): Promise<{ readonly norm: number; readonly change: readonly number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-faint-'))
  const text = Array.from({ length: 163 }, (_, index) => index ** 2 % 31)
  const chosen = packStream([text], 8, 31)
  const pairs = { chosen, rejected: { ...chosen, targets: chosen.targets.map((token) => (token + 3) % 32) } }
  const norms: number[] = []
  try {
    const run = defineRun({
      name: 'faint',
      folder,
      model,
      startFrom,
      precision,
      ...(lossScale && { lossScale }),
      // Of what reaches the logits, at most beta / 8: below 2^-25, which float16 rounds to 0.
      objective: { kind: 'dpo', beta: 2e-7 },
      data: { train: pairs, valid: pairs },
      batch: { windows: 4, accumulate: 1 },
      optimizer: { ...adamWDefaults, weightDecay: 0, eps: 1e-12 },
      schedule: { peak: 1e-3, warmupSteps: 0, totalSteps: steps, floorFraction: 1 },
      evaluate: { everySteps: steps },
    })
    await train(run, {
      listeners: [(event) => void (event.type === 'step' && norms.push(event.gradientNorm))],
    })
    const after = newestWeights(folder)
    const change = [...startFrom].flatMap(([name, { values }]) =>
      [...values].map((value, at) => after.get(name)!.values[at]! - value),
    )
    return { norm: norms.reduce((sum, norm) => sum + norm, 0) / norms.length, change }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Matrices that neither shrink nor grow what goes through them. */
const loud = (weights: Weights): Weights =>
  scope(() => {
    manualSeed(3)
    return new Map(
      [...weights].map(([name, { shape, values }]) => {
        const drawn = torch.randn([...shape]).mul(shape.at(-1)! ** -0.5)
        return [name, { shape, values: shape.length === 2 ? (drawn.toTypedArray() as Float32Array) : values }]
      }),
    )
  })

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, at) => sum + value * y[at]!, 0)
  return dot(a, a) === 0 ? 0 : dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}
