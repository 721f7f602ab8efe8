/** The compared runs: model, data, and partitioning across ranks. */

import { type DecoderConfig, type DeepSeekConfig, type ModelConfig, packStream } from '@hadal/nn'
import { defineRun, type ParallelOptions, type Run } from '@hadal/train'

export interface Layout {
  readonly name: string
  readonly model: 'llama' | 'deepseek'
  readonly ranks: number
  readonly parallel: Partial<ParallelOptions>
  /** Every layer is recomputed in the backward pass, which calls its collectives once more. */
  readonly again: boolean
}

/** One run, by one process or by the ranks of its layout. Crosses between processes as JSON. */
export interface DividedTask {
  readonly layout: Layout
  readonly seed: number
  readonly steps: number
  readonly folder: string
  /** Where its ranks meet. */
  readonly port: number
}

const layers: Layout = {
  name: 'layers over 2 ranks',
  model: 'llama',
  ranks: 2,
  parallel: { tensor: 2 },
  again: false,
}
const sequence: Layout = {
  name: 'and the sequence between them, computed again',
  model: 'llama',
  ranks: 2,
  parallel: { tensor: 2, sequence: true },
  again: true,
}

export const quickLayouts: readonly Layout[] = [layers, sequence]
export const fullLayouts: readonly Layout[] = [
  layers,
  sequence,
  { ...layers, name: 'layers of a mixture of experts with latent attention', model: 'deepseek' },
  { ...layers, name: 'layers over 4 ranks', ranks: 4, parallel: { tensor: 4 } },
  { ...layers, name: 'layers and batch over 4 ranks', ranks: 4, parallel: { tensor: 2, data: 2 } },
]

const [vocabulary, windowLength, windows] = [256, 64, 8]

const llama: DecoderConfig = {
  vocab_size: vocabulary,
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: windowLength,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}

const deepseek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: vocabulary,
  hidden_size: 128,
  intermediate_size: 384,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  max_position_embeddings: windowLength,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 32,
  qk_nope_head_dim: 32,
  qk_rope_head_dim: 16,
  v_head_dim: 32,
  moe: {
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1,
    moe_intermediate_size: 96,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}

const models: Readonly<Record<Layout['model'], ModelConfig>> = { llama, deepseek }

/** Undivided without `parallel`. */
export function runOf({ layout, seed, steps, folder }: DividedTask, isDivided: boolean): Run {
  const count = 16 * windows * windowLength
  const text = Array.from({ length: count }, (_, index) => (37 * index + (index >> 5) + seed) % 251)
  return defineRun({
    ...{ name: 'divided', folder, seed, model: models[layout.model], guard: false },
    ...(isDivided && { parallel: layout.parallel }),
    ...(layout.again && { checkpointing: { every: 1 } }),
    data: {
      train: packStream([text], windowLength, 0),
      valid: packStream([text.slice(0, 4 * windowLength)], windowLength, 0),
    },
    batch: { windows, accumulate: 1 },
    schedule: { peak: 5e-3, warmupSteps: 3, totalSteps: steps, floorFraction: 0.1 },
    evaluate: { everySteps: steps },
    checkpoint: { everySteps: steps, keep: 1 },
  })
}
