/** Determines the model that a config.json describes. */

import { headDim, readDecoderConfig } from '../decoder-config.ts'
import { readDeepSeekConfig } from '../deepseek/config.ts'
import { isDeepSeekConfig, type ModelConfig } from '../model-config.ts'
import { architectureUnknown } from './errors.ts'

/** The `model_type` for each name in `architectures`. */
const modelTypes: ReadonlyMap<string, string> = new Map([
  ['LlamaForCausalLM', 'llama'],
  ['Qwen2ForCausalLM', 'qwen2'],
  ['Qwen3ForCausalLM', 'qwen3'],
  ['DeepseekV2ForCausalLM', 'deepseek_v2'],
  ['DeepseekV3ForCausalLM', 'deepseek_v3'],
])

/** Takes a parsed config.json; throws `nn_architecture_unknown` or, with every issue, `nn_invalid_model_config`. */
export function readModelConfig(json: unknown): ModelConfig {
  const { architectures, model_type } = (json ?? {}) as Record<string, unknown>
  const name = Array.isArray(architectures) && architectures.length > 0 ? architectures[0] : undefined
  const known =
    name === undefined
      ? [...modelTypes.values()].includes(model_type as string)
      : modelTypes.get(name) === model_type
  if (!known || typeof model_type !== 'string') {
    const found = name === undefined ? word(model_type) : `${word(name)} of model_type ${word(model_type)}`
    throw architectureUnknown(
      found,
      [...modelTypes].map(([architecture, type]) => `${architecture} (${type})`),
    )
  }
  return model_type.startsWith('deepseek') ? readDeepSeekConfig(json) : readDecoderConfig(json)
}

const word = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 100))
    : value === undefined
      ? 'nothing'
      : typeof value

/** Bytes of the fp32 tables of cos and sin that the model computes for itself. */
export function rotaryBytes(config: ModelConfig): number {
  const width = isDeepSeekConfig(config) ? config.qk_rope_head_dim : headDim(config)
  return config.max_position_embeddings * width * 4
}
