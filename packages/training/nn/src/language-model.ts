/** A model of any family from its configuration. */

import type { DType } from '@hadal/tensor'
import { Decoder } from './decoder.ts'
import { DeepSeek } from './deepseek/model.ts'
import { invalidModelConfig } from './errors.ts'
import { isDeepSeekConfig, type ModelConfig, modelConfigIssues } from './model-config.ts'
import type { Shard } from './parallel/divided-layers.ts'

export type LanguageModel = Decoder | DeepSeek

/**
 * Allocates the parameters in `dtype` without filling them; with a `shard` (valid by `layoutIssues`) those of one rank. Throws
 * `nn_invalid_model_config` with every issue.
 *
 * @example
 * ```ts
 * import { createModel, initializeDecoder } from '@hadal/nn'
 *
 * const model = createModel({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }, 'bfloat16')
 * initializeDecoder(model.parameters(), 2)
 * ```
 */
export function createModel(config: ModelConfig, dtype: DType = 'float32', shard?: Shard): LanguageModel {
  const issues = modelConfigIssues(config)
  if (issues.length > 0) throw invalidModelConfig(issues)
  return isDeepSeekConfig(config) ? new DeepSeek(config, dtype, shard) : new Decoder(config, dtype, shard)
}
