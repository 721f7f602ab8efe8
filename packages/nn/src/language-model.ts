/**
 * Every family of language models behind one name: from a configuration to its faults, its size and the model.
 */

import type { DType } from '@hadal/tensor'
import { Decoder } from './decoder.ts'
import { type DecoderConfig, decoderConfigFaults, parameterCount } from './decoder-config.ts'
import { type DeepSeekConfig, deepSeekConfigFaults } from './deepseek/config.ts'
import { DeepSeek } from './deepseek/model.ts'
import { deepSeekParameterCount, type ParameterCount } from './deepseek/parameter-count.ts'
import { invalidModelConfig } from './errors.ts'

export type ModelConfig = DecoderConfig | DeepSeekConfig

export type LanguageModel = Decoder | DeepSeek

/** Latent attention is what only DeepSeek's models have. */
export const isDeepSeekConfig = (config: ModelConfig): config is DeepSeekConfig => 'kv_lora_rank' in config

/** Every fault as a sentence that names the value; empty when a model can be built. */
export const modelConfigFaults = (config: ModelConfig): readonly string[] =>
  isDeepSeekConfig(config) ? deepSeekConfigFaults(config) : decoderConfigFaults(config)

/** Trainable numbers of the model, and how many of them one token meets. A tied head counts once. */
export function modelParameterCount(config: ModelConfig): ParameterCount {
  if (isDeepSeekConfig(config)) return deepSeekParameterCount(config)
  const total = parameterCount(config)
  return { total, activated: total }
}

/** Allocates the parameters in `dtype` without filling them. Throws `nn_invalid_model_config` with every fault. */
export function createModel(config: ModelConfig, dtype: DType = 'float32'): LanguageModel {
  const faults = modelConfigFaults(config)
  if (faults.length > 0) throw invalidModelConfig(faults)
  return isDeepSeekConfig(config) ? new DeepSeek(config, dtype) : new Decoder(config, dtype)
}
