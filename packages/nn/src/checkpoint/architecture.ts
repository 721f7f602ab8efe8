/** Which model a config.json asks for. Knows nothing about files or weights. */

import { type DecoderConfig, headDim, readDecoderConfig } from '../decoder-config.ts'
import { type DeepSeekConfig, readDeepSeekConfig } from '../deepseek/config.ts'
import { architectureUnknown } from './errors.ts'

export type Architecture =
  | { readonly kind: 'decoder'; readonly config: DecoderConfig }
  | { readonly kind: 'deepseek'; readonly config: DeepSeekConfig }

/** The `model_type` that goes with each name in `architectures`. */
const modelTypes: ReadonlyMap<string, string> = new Map([
  ['LlamaForCausalLM', 'llama'],
  ['Qwen2ForCausalLM', 'qwen2'],
  ['Qwen3ForCausalLM', 'qwen3'],
  ['DeepseekV2ForCausalLM', 'deepseek_v2'],
  ['DeepseekV3ForCausalLM', 'deepseek_v3'],
])

/** Of a parsed config.json; throws `nn_architecture_unknown` or, with every fault, `nn_invalid_model_config`. */
export function readArchitecture(json: unknown): Architecture {
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
  return model_type.startsWith('deepseek')
    ? { kind: 'deepseek', config: readDeepSeekConfig(json) }
    : { kind: 'decoder', config: readDecoderConfig(json) }
}

const word = (value: unknown): string =>
  typeof value === 'string'
    ? JSON.stringify(value.slice(0, 100))
    : value === undefined
      ? 'nothing'
      : typeof value

/** Bytes of the fp32 tables of cos and sin that the model computes for itself. */
export function rotaryBytes({ kind, config }: Architecture): number {
  const width = kind === 'decoder' ? headDim(config) : config.qk_rope_head_dim
  return config.max_position_embeddings * width * 4
}
