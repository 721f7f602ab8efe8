// The two sizes of the nano recipe: the model that is shipped, and one that goes the whole way in under two minutes.

import type { ModelConfig, OptimizerChoice } from '@hadal/nn'

/** Learning language from documents, then to answer from conversations. */
export type Stage = 'pretrain' | 'chat'

export interface NanoSize {
  readonly model: ModelConfig
  readonly optimizer?: OptimizerChoice
  /** Against uneven load, in models with experts. */
  readonly expertBalanceRate?: number
  /** Tokens a training window. */
  readonly windowLength: number
  /** Windows a step. */
  readonly windows: number
  /** Highest learning rate of pretraining; tuning peaks at half of it. */
  readonly peak: number
  /** Given, it is this many; else as many as fit `--minutes`. */
  readonly steps?: Readonly<Record<Stage, number>>
}

const shared = { rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }

export const fullSize: NanoSize = {
  model: {
    ...shared,
    vocab_size: 4096,
    hidden_size: 256,
    intermediate_size: 768,
    num_hidden_layers: 6,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
  },
  windowLength: 256,
  windows: 16,
  peak: 2e-3,
}

export const quickSize: NanoSize = {
  model: {
    ...shared,
    vocab_size: 512,
    hidden_size: 64,
    intermediate_size: 128,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 128,
  },
  windowLength: 128,
  windows: 8,
  peak: 4e-3,
  steps: { pretrain: 250, chat: 250 },
}
