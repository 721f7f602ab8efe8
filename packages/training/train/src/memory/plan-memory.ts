/**
 * Estimates the peak memory of a language model's training step from its configuration. Creates no tensors. Verified against
 * libtorch's allocations in plan-memory.test.ts.
 */

import {
  headDim,
  isDeepSeekConfig,
  isLoraTarget,
  loraDefaults,
  type ModelConfig,
  type PassPlan,
  passBytes,
  type Segment,
  usualChunk,
  wantedTensors,
} from '@hadal/nn'
import { passShape } from '../checkpointing/part-costs.ts'
import type { LanguageRun } from '../run-config.ts'
import { isPairs } from '../training-data.ts'
import { type MemoryPlan, stepMemory } from './run-memory.ts'

/**
 * With `segments` as `Session` runs the layers; without them everything is kept. The run must be valid.
 *
 * @internal
 */
export function planMemory(run: LanguageRun, segments?: readonly Segment[]): MemoryPlan {
  const { model, batch } = run
  const plan: PassPlan = {
    ...passShape(run),
    segments,
    readings: isPairs(run.data.train) ? 2 : 1,
    loss: lossOf(run),
    hasEarlier: batch.accumulate > 1,
  }
  return stepMemory(run, wantedTensors(model), tableBytes(model), (trained) =>
    passBytes(model, plan, trained),
  )
}

function lossOf({ objective, model, adapter, lossChunkTokens }: LanguageRun): PassPlan['loss'] {
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
