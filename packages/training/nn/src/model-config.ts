/** The configuration of a language model of any family: validation and size. Needs no libtorch. */

import { type DecoderConfig, decoderConfigIssues, parameterCount } from './decoder-config.ts'
import { type DeepSeekConfig, deepSeekConfigIssues } from './deepseek/config.ts'
import { deepSeekParameterCount, type ParameterCount } from './deepseek/parameter-count.ts'

export type ModelConfig = DecoderConfig | DeepSeekConfig

/**
 * Only DeepSeek models have latent attention.
 *
 * @internal
 */
export const isDeepSeekConfig = (config: ModelConfig): config is DeepSeekConfig => 'kv_lora_rank' in config

/**
 * Returns every issue as a sentence that includes the value; empty if a model can be built.
 *
 * @internal
 */
export const modelConfigIssues = (config: ModelConfig): readonly string[] =>
  isDeepSeekConfig(config) ? deepSeekConfigIssues(config) : decoderConfigIssues(config)

/**
 * Trainable numbers of the model, and how many of them one token meets. A tied head counts once.
 *
 * @example
 * ```ts
 * import { modelParameterCount } from '@hadal/nn'
 *
 * modelParameterCount({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }) // → { total: 20640, activated: 20640 }
 * ```
 */
export function modelParameterCount(config: ModelConfig): ParameterCount {
  if (isDeepSeekConfig(config)) return deepSeekParameterCount(config)
  const total = parameterCount(config)
  return { total, activated: total }
}
