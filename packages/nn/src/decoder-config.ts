/** The shape of a Llama-family decoder, with the names of a Hugging Face config.json, and the checks on it. */

import { invalidModelConfig } from './errors.ts'

export interface DecoderConfig {
  readonly vocab_size: number
  readonly hidden_size: number
  /** Width of the SwiGLU's two branches. */
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  /** Fewer than the attention heads is grouped-query attention (Ainslie et al. 2023, arXiv:2305.13245). */
  readonly num_key_value_heads: number
  /** Longest sequence, in tokens. */
  readonly max_position_embeddings: number
  readonly rms_norm_eps: number
  readonly rope_theta: number
  /** The output head shares the embedding's weight. */
  readonly tie_word_embeddings: boolean
}

const counts = [
  'vocab_size',
  'hidden_size',
  'intermediate_size',
  'num_hidden_layers',
  'num_attention_heads',
  'num_key_value_heads',
  'max_position_embeddings',
] as const

/** What is wrong with a configuration, one sentence a fault; empty when it is sound. */
export function decoderConfigFaults(config: DecoderConfig): string[] {
  const faults: string[] = []
  for (const key of counts)
    if (!Number.isSafeInteger(config[key]) || config[key] < 1)
      faults.push(`${key} is ${config[key]}; it must be a whole number of at least 1`)
  for (const key of ['rms_norm_eps', 'rope_theta'] as const)
    if (!(config[key] > 0)) faults.push(`${key} is ${config[key]}; it must be above 0`)
  if (faults.length > 0) return faults
  const { hidden_size, num_attention_heads, num_key_value_heads } = config
  if (hidden_size % (2 * num_attention_heads) !== 0)
    faults.push(
      `hidden_size ${hidden_size} does not divide into ${num_attention_heads} heads of even width ` +
        '(num_attention_heads)',
    )
  if (num_attention_heads % num_key_value_heads !== 0)
    faults.push(
      `num_attention_heads ${num_attention_heads} is not a multiple of num_key_value_heads ${num_key_value_heads}`,
    )
  return faults
}

/** Throws `nn_invalid_model_config` with every fault. */
export function checkDecoderConfig(config: DecoderConfig): void {
  const faults = decoderConfigFaults(config)
  if (faults.length > 0) throw invalidModelConfig(faults)
}

export const headDim = (config: DecoderConfig): number => config.hidden_size / config.num_attention_heads

/** Trainable numbers in the model; a tied head counts once. */
export function parameterCount(config: DecoderConfig): number {
  const { hidden_size: d, intermediate_size, vocab_size, num_hidden_layers, num_key_value_heads } = config
  const attention = 2 * d * d + 2 * d * num_key_value_heads * headDim(config)
  const layer = attention + 3 * d * intermediate_size + 2 * d
  return num_hidden_layers * layer + d + (config.tie_word_embeddings ? 1 : 2) * vocab_size * d
}
