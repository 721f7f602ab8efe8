import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf, openSafetensors } from '@hadal/formats'
import { chatTemplate, chatTokens, type DecoderConfig, trainBpe } from '@hadal/nn'
import { afterAll, describe, expect, it } from 'vitest'
import type { HostTensor } from '../weights.ts'
import { exportGguf } from './gguf.ts'
import { exportHuggingFace } from './hugging-face.ts'
import type { ModelFile } from './model-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['a small text, a small text'], {
  vocabSize: 264,
  specialTokens: Object.values(chatTokens),
})
const config: DecoderConfig = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 32,
  intermediate_size: 32,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
}
const tensor = (...shape: number[]): HostTensor => {
  const count = shape.reduce((product, size) => product * size, 1)
  return { shape, values: Float32Array.from({ length: count }, (_, i) => Math.sin(i)) }
}
const layer = 'model.layers.0.'
const weights = new Map([
  ['model.embed_tokens.weight', tensor(config.vocab_size, 32)],
  [`${layer}self_attn.q_proj.weight`, tensor(32, 32)],
  [`${layer}self_attn.k_proj.weight`, tensor(16, 32)],
  [`${layer}self_attn.v_proj.weight`, tensor(16, 32)],
  [`${layer}self_attn.o_proj.weight`, tensor(32, 32)],
  [`${layer}mlp.gate_proj.weight`, tensor(32, 32)],
  [`${layer}mlp.up_proj.weight`, tensor(32, 32)],
  [`${layer}mlp.down_proj.weight`, tensor(32, 32)],
  [`${layer}input_layernorm.weight`, tensor(32)],
  [`${layer}post_attention_layernorm.weight`, tensor(32)],
  ['model.norm.weight', tensor(32)],
])
const model: ModelFile = { config, weights, tokenizer, chatTemplate }

describe('exportGguf', () => {
  const path = join(folder, 'model.gguf')

  it('writes llama.cpp names, types and hyperparameters, the tokenizer and the chat template', () => {
    exportGguf(path, 'Test', model, 'Q8_0')
    using file = openGguf(path)
    expect([...file.tensors].map(([name, { type }]) => `${name} ${type}`)).toEqual([
      'token_embd.weight Q8_0',
      'blk.0.attn_q.weight Q8_0',
      'blk.0.attn_k.weight Q8_0',
      'blk.0.attn_v.weight Q8_0',
      'blk.0.attn_output.weight Q8_0',
      'blk.0.ffn_gate.weight Q8_0',
      'blk.0.ffn_up.weight Q8_0',
      'blk.0.ffn_down.weight Q8_0',
      'blk.0.attn_norm.weight F32',
      'blk.0.ffn_norm.weight F32',
      'output_norm.weight F32',
    ])
    const value = (key: string): unknown => file.metadata.get(key)?.value
    expect(value('general.architecture')).toBe('llama')
    expect(value('llama.attention.head_count_kv')).toBe(2)
    expect(value('llama.rope.dimension_count')).toBe(8)
    expect(value('tokenizer.chat_template')).toBe(chatTemplate)
    expect(value('tokenizer.ggml.eos_token_id')).toBe(tokenizer.special(chatTokens.end))
    expect(value('tokenizer.ggml.bos_token_id')).toBe(tokenizer.special(chatTokens.endOfText))
  })

  it('turns half-rotated query and key rows into neighbours, head by head', () => {
    exportGguf(path, 'Test', model, 'F32')
    using file = openGguf(path)
    const row = (values: Float32Array, index: number): number[] => [
      ...values.subarray(index * 32, (index + 1) * 32),
    ]
    for (const [ours, theirs, heads] of [
      ['self_attn.q_proj.weight', 'blk.0.attn_q.weight', 4],
      ['self_attn.k_proj.weight', 'blk.0.attn_k.weight', 2],
    ] as const) {
      const before = weights.get(layer + ours)!.values
      const after = file.readFloats(theirs)
      for (let head = 0; head < heads; head += 1)
        for (let i = 0; i < 4; i += 1) {
          expect(row(after, head * 8 + 2 * i)).toEqual(row(before, head * 8 + i))
          expect(row(after, head * 8 + 2 * i + 1)).toEqual(row(before, head * 8 + 4 + i))
        }
    }
    expect(file.readFloats('blk.0.attn_v.weight')).toEqual(
      weights.get(`${layer}self_attn.v_proj.weight`)!.values,
    )
  })

  const rope_scaling = {
    rope_type: 'llama3',
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 32,
  } as const

  it('writes how much slower each pair turns where positions are stretched', () => {
    exportGguf(path, 'Test', { ...model, config: { ...config, rope_scaling } }, 'Q8_0')
    using file = openGguf(path)
    expect(file.tensors.get('rope_freqs.weight')).toMatchObject({ type: 'F32', shape: [4] })
    // Over 32 tokens the pairs turn 5.1, 0.51, 0.051 and 0.0051 times.
    expect([...file.readFloats('rope_freqs.weight')]).toEqual([1, 8, 8, 8])
  })

  it('refuses stretched positions where llama.cpp does not read them', () => {
    const qwen = { ...config, rope_scaling, model_type: 'qwen3' } as const
    const norms = ['q', 'k'].map((of) => [`${layer}self_attn.${of}_norm.weight`, tensor(8)] as const)
    const file = { ...model, config: qwen, weights: new Map([...weights, ...norms]) }
    expect(() => exportGguf(path, 'Test', file, 'F32')).toThrow(
      expect.objectContaining({ code: 'train_export_unsupported' }),
    )
  })

  it('has a token for each row of the embedding, also where the tokenizer has fewer', () => {
    const rows = tensor(config.vocab_size + 2, 32)
    const larger: ModelFile = {
      ...model,
      config: { ...config, vocab_size: config.vocab_size + 2 },
      weights: new Map([...weights, ['model.embed_tokens.weight', rows]]),
    }
    exportGguf(path, 'Test', larger, 'F32')
    using file = openGguf(path)
    const items = (key: string): unknown[] =>
      Array.from(file.metadata.get(`tokenizer.ggml.${key}`)?.value as unknown[])
    expect(items('tokens').slice(-2)).toEqual(['[PAD264]', '[PAD265]'])
    expect(items('token_type').slice(-2)).toEqual([5, 5])
  })

  it('refuses a tokenizer with more tokens than the model has', () => {
    const smaller = { ...model, config: { ...config, vocab_size: 128 } }
    expect(() => exportGguf(path, 'Test', smaller, 'F32')).toThrow(
      expect.objectContaining({ code: 'train_vocabulary_mismatch' }),
    )
  })
})

it('exportHuggingFace writes what transformers loads', () => {
  const target = join(folder, 'hf')
  exportHuggingFace(target, model)
  const json = (name: string): Record<string, unknown> => JSON.parse(readFileSync(join(target, name), 'utf8'))
  expect(json('config.json')).toMatchObject({ ...config, model_type: 'llama', head_dim: 8 })
  expect(json('tokenizer_config.json')).toMatchObject({
    chat_template: chatTemplate,
    eos_token: '<|im_end|>',
  })
  expect(json('tokenizer.json')).toEqual(JSON.parse(JSON.stringify(tokenizer.toHuggingFace())))
  using file = openSafetensors(target)
  expect(new Set(file.tensors.keys())).toEqual(new Set(weights.keys()))
  for (const [name, { values }] of weights) expect(file.readFloats(name)).toEqual(values)
})
