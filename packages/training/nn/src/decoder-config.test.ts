import { describe, expect, it } from 'vitest'
import { parameterCount, readDecoderConfig } from './decoder-config.ts'

/** Qwen2.5-0.5B, also the shape of small distilled models. */
const qwen2 = {
  model_type: 'qwen2',
  vocab_size: 151936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  max_position_embeddings: 32768,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  tie_word_embeddings: true,
  hidden_act: 'silu',
  use_sliding_window: false,
}

/** Qwen3-0.6B, whose head dimension exceeds hidden size / heads. */
const qwen3 = {
  ...qwen2,
  model_type: 'qwen3',
  hidden_size: 1024,
  intermediate_size: 3072,
  num_hidden_layers: 28,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  head_dim: 128,
  attention_bias: false,
}

const llama3 = {
  model_type: 'llama',
  vocab_size: 128256,
  hidden_size: 4096,
  intermediate_size: 14336,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  max_position_embeddings: 131072,
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  rope_scaling: {
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  },
}

const issuesOf = (json: unknown): string => {
  try {
    readDecoderConfig(json)
  } catch (error) {
    expect(error).toMatchObject({ code: 'nn_invalid_model_config' })
    return (error as Error).message
  }
  return ''
}

it.each([
  ['Qwen2.5-0.5B', qwen2, 494_032_768],
  ['Qwen3-0.6B', qwen3, 596_049_920],
  ['Llama-3.1-8B', llama3, 8_030_261_248],
])('%s is as large as published', (_name, json, parameters) => {
  expect(parameterCount(readDecoderConfig(json))).toBe(parameters)
})

it('fills in what files leave out', () => {
  const { num_key_value_heads: _, rope_scaling: _r, ...silent } = llama3
  expect(readDecoderConfig(silent)).toMatchObject({ num_key_value_heads: 32, rope_scaling: null })
  const { head_dim: _h, ...older } = qwen3
  expect(readDecoderConfig(older).head_dim).toBe(128)
  expect(readDecoderConfig(qwen2).head_dim).toBe(undefined)
})

describe('refuses', () => {
  it.each([
    ['model_type is "gpt2"', { ...llama3, model_type: 'gpt2' }],
    ['rope_scaling.rope_type is "yarn"', { ...qwen2, rope_scaling: { rope_type: 'yarn', factor: 4 } }],
    [
      'high_freq_factor 1 is not above',
      { ...llama3, rope_scaling: { ...llama3.rope_scaling, high_freq_factor: 1 } },
    ],
    ['use_sliding_window is true; only false', { ...qwen2, use_sliding_window: true }],
    ['attention_bias is true; only false', { ...llama3, attention_bias: true }],
    ['head_dim is 65', { ...qwen3, head_dim: 65 }],
    ['num_attention_heads 14 is not a multiple', { ...qwen2, num_key_value_heads: 4 }],
  ])('%s', (issue, json) => {
    expect(issuesOf(json)).toContain(issue)
  })

  it('every missing value at once', () => {
    expect(issuesOf({ model_type: 'llama' })).toMatch(
      /vocab_size is missing[\s\S]*max_position_embeddings is missing/,
    )
  })
})
