/** Parameter counts of adapters and models, from their shapes. Pure. */

import { type DecoderConfig, parameterCount } from '@hadal/nn'

/** r (inputs + outputs) for each linear layer of attention and feed-forward. */
export function adapterParameters(config: DecoderConfig, rank: number): number {
  const { hidden_size: width, intermediate_size: inner, num_hidden_layers: layers } = config
  const head = config.head_dim ?? width / config.num_attention_heads
  const [queries, keys] = [head * config.num_attention_heads, head * config.num_key_value_heads]
  const linears = [
    [width, queries],
    [width, keys],
    [width, keys],
    [queries, width],
    [width, inner],
    [width, inner],
    [inner, width],
  ] as const
  return layers * linears.reduce((sum, [inputs, outputs]) => sum + rank * (inputs + outputs), 0)
}

export const timesFewer = (config: DecoderConfig, rank: number): number =>
  parameterCount(config) / adapterParameters(config, rank)

const shape = (
  hidden_size: number,
  intermediate_size: number,
  num_hidden_layers: number,
  [num_attention_heads, num_key_value_heads]: readonly [number, number],
  vocab_size: number,
  tie_word_embeddings: boolean,
): DecoderConfig => ({
  vocab_size,
  hidden_size,
  intermediate_size,
  num_hidden_layers,
  num_attention_heads,
  num_key_value_heads,
  max_position_embeddings: 2048,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings,
})

/** Shapes of models that people tune, to count and not to train: public configurations, biases left out. */
export const knownShapes: Readonly<Record<string, DecoderConfig>> = {
  'SmolLM2-135M': shape(576, 1536, 30, [9, 3], 49_152, true),
  'Qwen2.5-0.5B': shape(896, 4864, 24, [14, 2], 151_936, true),
  'Llama-3.2-1B': shape(2048, 8192, 16, [32, 8], 128_256, true),
  'Llama-2-7B': shape(4096, 11_008, 32, [32, 32], 32_000, false),
}
