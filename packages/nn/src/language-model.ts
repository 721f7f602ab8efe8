/** A model of any family from its configuration. */

import type { DType } from '@hadal/tensor'
import { Decoder } from './decoder.ts'
import { DeepSeek } from './deepseek/model.ts'
import { invalidModelConfig } from './errors.ts'
import { isDeepSeekConfig, type ModelConfig, modelConfigFaults } from './model-config.ts'
import type { Shard } from './parallel/divided-layers.ts'

export type LanguageModel = Decoder | DeepSeek

/**
 * Allocates the parameters in `dtype` without filling them; with a `shard` those of one rank, to be free of `layoutFaults`. Throws
 * `nn_invalid_model_config` with every fault.
 */
export function createModel(config: ModelConfig, dtype: DType = 'float32', shard?: Shard): LanguageModel {
  const faults = modelConfigFaults(config)
  if (faults.length > 0) throw invalidModelConfig(faults)
  return isDeepSeekConfig(config) ? new DeepSeek(config, dtype, shard) : new Decoder(config, dtype, shard)
}
