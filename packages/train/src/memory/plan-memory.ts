/**
 * The most memory that a step of a run takes, from its configuration alone: what lies there between steps, and what each phase of a
 * step makes beside it. Makes no tensor. Held against what libtorch allocates in plan-memory.test.ts.
 */

import {
  frozenBytes,
  headDim,
  isDeepSeekConfig,
  isLoraTarget,
  loraDefaults,
  loraTensors,
  type ModelConfig,
  type PassPlan,
  passBytes,
  type Segment,
  usualChunk,
  type WantedTensor,
  wantedTensors,
} from '@hadal/nn'
import { passShape } from '../checkpointing/part-costs.ts'
import type { RunConfig } from '../run.ts'
import { isPairs } from '../training-data.ts'
import { optimizerBytes, optimizerTableBytes, product, updateBytes } from './optimizer-bytes.ts'

/** Who memory belongs to, in bytes. */
export interface OwnedBytes {
  /**
   * What is trained in fp32, with the narrow copies that compute where the run has such; frozen weights as they are kept; tables of
   * positions.
   */
  readonly weights: number
  /** Of a whole step, fp32. */
  readonly gradients: number
  readonly optimizer: number
  readonly average: number
  /** What the peak has beside these: what passes keep for their way back and compute with, or what an update does. */
  readonly activations: number
}

/** The parts of a step that follow one another. */
export type StepPhase = 'forward' | 'back' | 'update'

export interface MemoryPlan {
  /** Together the peak. */
  readonly bytes: OwnedBytes
  /** All that is held at the most in each phase. */
  readonly phases: Readonly<Record<StepPhase, number>>
}

/** With `segments` as `Session` runs the layers; without them all is kept. The run is free of faults. */
export function planMemory(run: RunConfig, segments?: readonly Segment[]): MemoryPlan {
  const { model, precision, adapter, batch } = run
  const tensors = trainedTensors(run)
  const sizes = tensors.map(({ shape }) => product(shape))
  const values = sizes.reduce((sum, size) => sum + size, 0)
  const [copied, width] = precision === 'fp32' ? [4, 4] : [6, 2]
  const frozen = adapter ? frozenBytes(model, { ...loraDefaults, ...adapter }, width) : 0
  const weights = values * copied + frozen + tableBytes(model)
  const gradients = values * 4
  const optimizer = optimizerBytes(tensors, run.optimizer) + optimizerTableBytes(run.optimizer)
  const average = run.average ? values * 4 : 0
  const fixed = weights + optimizer + average
  const plan: PassPlan = {
    ...passShape(run),
    segments,
    readings: isPairs(run.data.train) ? 2 : 1,
    loss: lossOf(run),
    hasEarlier: batch.accumulate > 1,
  }
  const pass = passBytes(model, plan, { numbers: values, largest: Math.max(0, ...sizes) })
  const phases = {
    forward: fixed + pass.forward,
    back: fixed + pass.back,
    update: fixed + gradients + updateBytes(tensors, run.optimizer),
  }
  const peak = peakBytes({ phases })
  return { bytes: { weights, gradients, optimizer, average, activations: peak - fixed - gradients }, phases }
}

/** Of the model itself, or of the adapters beside it; heads are small. */
export const trainedTensors = ({ model, adapter }: RunConfig): WantedTensor[] =>
  adapter ? [...loraTensors(model, { ...loraDefaults, ...adapter })] : [...wantedTensors(model)]

export const peakBytes = ({ phases }: Pick<MemoryPlan, 'phases'>): number =>
  Math.max(...Object.values(phases))

/** The phase in which a step takes the most. */
export const peakPhase = ({ phases }: Pick<MemoryPlan, 'phases'>): StepPhase =>
  (Object.keys(phases) as StepPhase[]).reduce((a, b) => (phases[b] > phases[a] ? b : a))

function lossOf({ objective, model, adapter, lossChunkTokens }: RunConfig): PassPlan['loss'] {
  if (objective.kind === 'reward' || objective.kind === 'classes') return { kind: 'states' }
  const isAdapted = adapter && isLoraTarget('lm_head', { ...loraDefaults, ...adapter }.targets)
  const chunkTokens = lossChunkTokens ?? usualChunk(model.vocab_size)
  const isChunked =
    objective.kind === 'tokens' && chunkTokens > 0 && (model.tie_word_embeddings || !isAdapted)
  if (isChunked) return { kind: 'chunked', chunkTokens }
  return { kind: 'logits', zLoss: objective.kind === 'tokens' && (objective.zLoss ?? 0) > 0 }
}

/** Sines and cosines of every position. */
function tableBytes(model: ModelConfig): number {
  const width = isDeepSeekConfig(model) ? model.qk_rope_head_dim : headDim(model)
  return model.max_position_embeddings * width * 4
}
