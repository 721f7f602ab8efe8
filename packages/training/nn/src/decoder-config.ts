/** The shape of a decoder of the Llama family, with the names of a Hugging Face config.json, and the checks on it. */

import { ConfigReader, withRopeAsBefore } from './config-reader.ts'
import { invalidModelConfig } from './errors.ts'
import type { Llama3Scaling } from './llama3-rope.ts'

export interface DecoderConfig {
  /**
   * `qwen2` adds biases to the projections of queries, keys and values (arXiv:2407.10671), `qwen3` norms queries and keys
   * of each head instead (arXiv:2505.09388). Default: `llama`, which does neither.
   */
  readonly model_type?: 'llama' | 'qwen2' | 'qwen3'
  readonly vocab_size: number
  readonly hidden_size: number
  /** Width of the SwiGLU's two branches. */
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  /** Fewer than the attention heads is grouped-query attention (Ainslie et al. 2023, arXiv:2305.13245). */
  readonly num_key_value_heads: number
  /** Width of a head. Default: hidden_size / num_attention_heads. */
  readonly head_dim?: number
  /** Longest sequence, in tokens. */
  readonly max_position_embeddings: number
  readonly rms_norm_eps: number
  readonly rope_theta: number
  readonly rope_scaling?: Llama3Scaling | null
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

/** Issues of a configuration, one sentence each; empty if it is valid. */
export function decoderConfigIssues(config: DecoderConfig): string[] {
  const issues: string[] = []
  for (const key of counts)
    if (!Number.isSafeInteger(config[key]) || config[key] < 1)
      issues.push(`${key} is ${config[key]}; it must be a whole number of at least 1`)
  for (const key of ['rms_norm_eps', 'rope_theta'] as const)
    if (!(config[key] > 0)) issues.push(`${key} is ${config[key]}; it must be above 0`)
  if (issues.length > 0) return issues
  const { hidden_size, num_attention_heads, num_key_value_heads, head_dim } = config
  if (head_dim !== undefined) {
    if (!Number.isSafeInteger(head_dim) || head_dim < 2 || head_dim % 2 !== 0)
      issues.push(`head_dim is ${head_dim}; it must be an even whole number`)
  } else if (hidden_size % (2 * num_attention_heads) !== 0)
    issues.push(
      `hidden_size ${hidden_size} does not divide into ${num_attention_heads} heads of even width ` +
        '(num_attention_heads)',
    )
  if (num_attention_heads % num_key_value_heads !== 0)
    issues.push(
      `num_attention_heads ${num_attention_heads} is not a multiple of num_key_value_heads ${num_key_value_heads}`,
    )
  return issues
}

/**
 * Throws `nn_invalid_model_config` with every issue.
 *
 * @internal
 */
export function checkDecoderConfig(config: DecoderConfig): void {
  const issues = decoderConfigIssues(config)
  if (issues.length > 0) throw invalidModelConfig(issues)
}

/**
 * Reads the parsed config.json of a Llama, Qwen2 or Qwen3 checkpoint; throws `nn_invalid_model_config` with every issue, including
 * unsupported settings.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs'
 * import { parameterCount, readDecoderConfig } from '@hadal/nn'
 *
 * const config = readDecoderConfig(JSON.parse(readFileSync('models/qwen2.5-0.5b/config.json', 'utf8')))
 * console.log(parameterCount(config))
 * ```
 */
export function readDecoderConfig(json: unknown): DecoderConfig {
  const read = new ConfigReader(withRopeAsBefore(json))
  const model_type = read.oneOf('model_type', ['llama', 'qwen2', 'qwen3'])
  const num_attention_heads = read.count('num_attention_heads')
  const head_dim = read.count('head_dim', { absent: model_type === 'qwen3' ? 128 : null, least: 2 })
  const config: DecoderConfig = {
    model_type,
    vocab_size: read.count('vocab_size'),
    hidden_size: read.count('hidden_size'),
    intermediate_size: read.count('intermediate_size'),
    num_hidden_layers: read.count('num_hidden_layers'),
    num_attention_heads,
    num_key_value_heads: read.count('num_key_value_heads', { absent: num_attention_heads }),
    ...(head_dim !== null && { head_dim }),
    max_position_embeddings: read.count('max_position_embeddings'),
    rms_norm_eps: read.positive('rms_norm_eps', 1e-6),
    rope_theta: read.positive('rope_theta', 10_000),
    rope_scaling: readLlama3Scaling(read),
    tie_word_embeddings: read.flag('tie_word_embeddings', false),
  }
  read.only('hidden_act', 'silu')
  read.only('use_sliding_window', false)
  if (model_type !== 'qwen2') read.only('attention_bias', false)
  read.only('mlp_bias', false)
  const issues = read.issues.length > 0 ? read.issues : decoderConfigIssues(config)
  if (issues.length > 0) throw invalidModelConfig(issues)
  return config
}

function readLlama3Scaling(outer: ConfigReader): Llama3Scaling | null {
  const value = outer.raw('rope_scaling')
  if (value === undefined) return null
  const read = new ConfigReader(value, 'rope_scaling')
  const rope_type = read.oneOf('rope_type', ['llama3', 'default'])
  const scaling = rope_type === 'llama3' && {
    rope_type,
    factor: read.positive('factor'),
    low_freq_factor: read.positive('low_freq_factor'),
    high_freq_factor: read.positive('high_freq_factor'),
    original_max_position_embeddings: read.count('original_max_position_embeddings'),
  }
  if (scaling && read.issues.length === 0 && scaling.high_freq_factor <= scaling.low_freq_factor)
    read.issues.push(
      `rope_scaling.high_freq_factor ${scaling.high_freq_factor} is not above low_freq_factor ${scaling.low_freq_factor}`,
    )
  outer.issues.push(...read.issues)
  return scaling || null
}

/** @internal */
export const headDim = (config: DecoderConfig): number =>
  config.head_dim ?? config.hidden_size / config.num_attention_heads

/**
 * Trainable numbers in the model; a tied head counts once.
 *
 * @example
 * ```ts
 * import { parameterCount } from '@hadal/nn'
 *
 * parameterCount({ vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }) // → 20640
 * ```
 */
export function parameterCount(config: DecoderConfig): number {
  const { hidden_size: d, intermediate_size, vocab_size, num_hidden_layers, model_type } = config
  const e = headDim(config)
  const queries = config.num_attention_heads * e
  const keys = config.num_key_value_heads * e
  const biases = model_type === 'qwen2' ? queries + 2 * keys : 0
  const norms = model_type === 'qwen3' ? 2 * e : 0
  const attention = 2 * d * queries + 2 * d * keys + biases + norms
  const layer = attention + 3 * d * intermediate_size + 2 * d
  return num_hidden_layers * layer + d + (config.tie_word_embeddings ? 1 : 2) * vocab_size * d
}
