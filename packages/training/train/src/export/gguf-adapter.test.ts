/**
 * Compares an adapter's GGUF with that of the merged model: alpha / rank · B A of each matrix equals the merge, in llama.cpp's row
 * order.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Gguf, openGguf } from '@hadal/formats'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  initializeDecoder,
  LoraAdapters,
  type LoraOptions,
  loraDefaults,
  type ModelConfig,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import { expectClose } from '../../../tensor/test/expect-close.ts'
import { toHost, type Weights } from '../weights.ts'
import { exportGguf } from './gguf.ts'
import { exportGgufAdapter } from './gguf-adapter.ts'
import { type AdapterFile, mergedWeights } from './peft.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-gguf-adapter-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'adapter.gguf')

const tokenizer = trainBpe(['the sea is deep'], { vocabSize: 262, specialTokens: Object.values(chatTokens) })
const decoder = (more: Partial<DecoderConfig> = {}): DecoderConfig => ({
  vocab_size: tokenizer.vocabSize,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  head_dim: 8,
  ...more,
})
const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v2',
  vocab_size: tokenizer.vocabSize,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 8,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 8,
  v_head_dim: 8,
  moe: {
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    scoring_func: 'softmax',
    topk_method: 'greedy',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: false,
    routed_scaling_factor: 1,
    moe_intermediate_size: 12,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}
const ofFeedForward = ['o_proj', 'gate_proj', 'up_proj', 'down_proj']

/** A model and an adapter of random values. */
function made(config: ModelConfig, options: Partial<LoraOptions>): { base: Weights; file: AdapterFile } {
  return scope(() => {
    manualSeed(7)
    const model = createModel(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    const base = toHost(model.parameters())
    const parameters = new LoraAdapters(model, { ...loraDefaults, ...options }, 'float32').parameters()
    noGrad(() => {
      for (const tensor of parameters.values()) tensor.normal_(0, 0.5)
    })
    return { base, file: { weights: toHost(parameters), adapter: options, baseModel: '' } }
  })
}

/** alpha / rank · B A of a matrix, or of all experts, one after the other. */
function product(file: Gguf, name: string): number[] {
  const [a, b] = ['a', 'b'].map((part) => file.readFloats(`${name}.lora_${part}`)) as [
    Float32Array,
    Float32Array,
  ]
  const [rank, inputs] = file.tensors.get(`${name}.lora_a`)!.shape.slice(-2) as [number, number]
  const outputs = file.tensors.get(`${name}.lora_b`)!.shape.at(-2)!
  const scale = (file.get('adapter.lora.alpha') as number) / rank
  const experts = a.length / (rank * inputs)
  return Array.from({ length: experts * outputs * inputs }, (_, at) => {
    const [row, column] = [Math.floor(at / inputs), at % inputs]
    const expert = Math.floor(row / outputs)
    let sum = 0
    for (let r = 0; r < rank; r += 1) sum += b[row * rank + r]! * a[(expert * rank + r) * inputs + column]!
    return scale * sum
  })
}

describe('an exported adapter is what merging adds to', () => {
  it.each<[string, ModelConfig, Partial<LoraOptions>, number]>([
    ['a Llama, queries and keys turned', decoder(), { rank: 3, alpha: 5 }, 14],
    [
      'a Llama, rank-stabilised',
      decoder({ num_key_value_heads: 4 }),
      { rank: 3, alpha: 5, rankStabilized: true },
      14,
    ],
    [
      'a Llama with ranks and alphas of their own',
      decoder(),
      {
        rank: 2,
        alpha: 4,
        rankPattern: { k_proj: 3, 'layers.1.*.up_proj': 1 },
        alphaPattern: { 'mlp.*': 10 },
      },
      14,
    ],
    ['the head of a Llama, too', decoder(), { rank: 2, targets: ['*'] }, 15],
    ['a Qwen2', decoder({ model_type: 'qwen2' }), { rank: 2 }, 14],
    ['a Qwen3', decoder({ model_type: 'qwen3' }), { rank: 2 }, 14],
    ['a DeepSeek with experts', deepSeek, { rank: 2, targets: ofFeedForward }, 2 + 3 + 3 + 3],
    [
      'a DeepSeek whose projections differ in rank',
      deepSeek,
      { rank: 2, targets: ofFeedForward, rankPattern: { 'experts.*.up_proj': 3 }, rankStabilized: true },
      2 + 3 + 3 + 3,
    ],
  ])('%s', (_, config, options, matrices) => {
    const { base, file } = made(config, options)
    const [basePath, mergedPath] = [join(folder, 'base.gguf'), join(folder, 'merged.gguf')]
    exportGguf(basePath, 'base', { config, weights: base, tokenizer }, 'F32')
    exportGguf(mergedPath, 'merged', { config, weights: mergedWeights(base, file), tokenizer }, 'F32')
    exportGgufAdapter(path, 'mine', config, file)
    using adapter = openGguf(path)
    using plain = openGguf(basePath)
    using merged = openGguf(mergedPath)
    expect(adapter.get('general.architecture')).toBe(plain.get('general.architecture'))
    expect(adapter.tensors.size).toBe(2 * matrices)
    for (const name of plain.tensors.keys()) {
      const [before, after] = [plain.readFloats(name), merged.readFloats(name)]
      const added = adapter.tensors.has(`${name}.lora_a`) ? product(adapter, name) : undefined
      const wanted = Float64Array.from(before, (value, at) => value + (added?.[at] ?? 0))
      expectClose(after, wanted, { roundings: 20 }, name)
    }
  })
})

describe('exportGgufAdapter', () => {
  const { file } = made(decoder(), { rank: 2, alpha: 6 })

  it('says what llama.cpp asks for, in the type that is wanted', () => {
    exportGgufAdapter(join(folder, 'deeper/half.gguf'), 'mine', decoder(), file, 'F16')
    using found = openGguf(join(folder, 'deeper/half.gguf'))
    expect(Object.fromEntries([...found.metadata].map(([key, { value }]) => [key, value]))).toEqual({
      'general.architecture': 'llama',
      'general.type': 'adapter',
      'general.name': 'mine',
      'general.file_type': 1,
      'adapter.type': 'lora',
      'adapter.lora.alpha': 6,
    })
    expect(found.metadata.get('adapter.lora.alpha')!.type).toBe('float32')
    expect(found.tensors.get('blk.1.attn_q.weight.lora_a')).toMatchObject({ shape: [2, 16], type: 'F16' })
    expect(found.tensors.get('blk.1.attn_q.weight.lora_b')).toMatchObject({ shape: [32, 2], type: 'F16' })
  })

  it('leaves one alpha to most matrices and the rest of the scale in B of the others', () => {
    exportGgufAdapter(path, 'mine', decoder(), {
      ...file,
      adapter: { rank: 2, alpha: 6, alphaPattern: { q_proj: 18 } },
    })
    using found = openGguf(path)
    expect(found.get('adapter.lora.alpha')).toBe(6)
    const plain = file.weights.get('model.layers.0.self_attn.v_proj.lora_B.weight')!.values
    expect(found.readFloats('blk.0.attn_v.weight.lora_b')).toEqual(plain)
    // The first row of a head stays where it is.
    const [first] = file.weights.get('model.layers.0.self_attn.q_proj.lora_B.weight')!.values
    expectClose(found.readFloats('blk.0.attn_q.weight.lora_b')[0]!, 3 * first!, { roundings: 2 })
  })

  const unsupported = (message: string | RegExp): unknown =>
    expect.objectContaining({
      code: 'train_adapter_unsupported',
      message: expect.stringMatching(message),
      help: expect.stringContaining('--adapter'),
    })

  it('refuses what the format cannot say: DoRA, and modules trained as a whole', () => {
    const dora = made(decoder(), { rank: 2, dora: true }).file
    expect(() => exportGgufAdapter(path, 'x', decoder(), dora)).toThrow(
      unsupported('it is a DoRA.*magnitudes'),
    )
    const score = { shape: [1, 16], values: new Float32Array(16) }
    const classifier = { ...file, weights: new Map([...file.weights, ['score.weight', score]]) }
    expect(() => exportGgufAdapter(path, 'x', decoder(), classifier)).toThrow(
      unsupported('score.weight is fully trained'),
    )
  })

  it('refuses by name what llama.cpp computes without adapters, or only for all experts alike', () => {
    const attention = made(deepSeek, { rank: 2, targets: ['*'] }).file
    expect(() => exportGgufAdapter(path, 'x', deepSeek, attention)).toThrow(
      unsupported(
        'q_proj, kv_a_proj_with_mqa, kv_b_proj, lm_head: llama.cpp ignores adapters of these modules',
      ),
    )
    for (const options of [
      { targets: ['experts.2.up_proj'] },
      { targets: ['up_proj'], rankPattern: { 'experts.3.up_proj': 1 } },
    ]) {
      const some = made(deepSeek, { rank: 2, ...options }).file
      expect(() => exportGgufAdapter(path, 'x', deepSeek, some)).toThrow(
        unsupported('experts.*up_proj: all experts of a layer'),
      )
    }
  })

  it('refuses the adapter of another model, or half of one', () => {
    const mismatch = (message: string): unknown =>
      expect.objectContaining({ code: 'train_export_mismatch', message: expect.stringContaining(message) })
    const tied = decoder({ tie_word_embeddings: true })
    const ofHead = made(decoder(), { rank: 2, targets: ['lm_head'] }).file
    expect(() => exportGgufAdapter(path, 'x', tied, ofHead)).toThrow(
      mismatch('lm_head is not a linear module of a model'),
    )
    expect(() => exportGgufAdapter(path, 'x', decoder({ hidden_size: 24 }), file)).toThrow(
      mismatch('layers.0.self_attn.q_proj is [32,24], its adapter [32,16]'),
    )
    const [[name, a]] = [...file.weights] as [[string, never]]
    expect(() => exportGgufAdapter(path, 'x', decoder(), { ...file, weights: new Map([[name, a]]) })).toThrow(
      mismatch('has no lora_B'),
    )
    expect(() => exportGgufAdapter(path, 'x', decoder(), { ...file, weights: new Map() })).toThrow(
      mismatch('it contains no lora_A'),
    )
  })

  it('names a place that cannot be written to', () => {
    writeFileSync(join(folder, 'a-file'), '')
    expect(() => exportGgufAdapter(join(folder, 'a-file/x'), 'x', decoder(), file)).toThrow(
      expect.objectContaining({ code: 'train_export_unwritable' }),
    )
  })
})
