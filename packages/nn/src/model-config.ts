/**
 * The configuration of a language model of any family: its faults and its size. Needs no libtorch.
 */

import { type DecoderConfig, decoderConfigFaults, parameterCount } from './decoder-config.ts'
import { type DeepSeekConfig, deepSeekConfigFaults } from './deepseek/config.ts'
import { deepSeekParameterCount, type ParameterCount } from './deepseek/parameter-count.ts'

export type ModelConfig = DecoderConfig | DeepSeekConfig

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
