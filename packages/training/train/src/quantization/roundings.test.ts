/** A run rounds exactly as the exporter writes: every matrix of a file, of every family and type, bit for bit. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf } from '@hadal/formats'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  initializeDecoder,
  type ModelConfig,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, scope, setNumThreads, torch } from '@hadal/tensor'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { runs } from '../../../../kernel/base/test/slow-tests.ts'
import { exportGguf } from '../export/gguf.ts'
import { toHost, type Weights } from '../weights.ts'
import { roundedWeights } from './rounded-weights.ts'
import { roundingsOf } from './roundings.ts'
import type { TrainedQuantization } from './trained-quantization.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-roundings-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['the sea is deep'], { vocabSize: 262, specialTokens: Object.values(chatTokens) })
const decoder = (more: Partial<DecoderConfig> = {}): DecoderConfig => ({
  vocab_size: tokenizer.vocabSize,
  hidden_size: 256,
  intermediate_size: 320,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  ...more,
})
const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v2',
  vocab_size: tokenizer.vocabSize,
  hidden_size: 256,
  intermediate_size: 256,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 256,
  qk_nope_head_dim: 32,
  qk_rope_head_dim: 16,
  v_head_dim: 24,
  moe: {
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    scoring_func: 'softmax',
    topk_method: 'greedy',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: false,
    routed_scaling_factor: 1,
    moe_intermediate_size: 64,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}

function weightsOf(config: ModelConfig): Weights {
  return scope(() => {
    manualSeed(3)
    const model = createModel(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    return toHost(model.parameters())
  })
}

const trained = (weights: TrainedQuantization['weights'], more = {}): TrainedQuantization => ({
  weights,
  groupSize: 32,
  activations: 'none',
  skip: [],
  ...more,
})

/** Zeros without their sign. */
const bits = (values: Float32Array): Buffer => Buffer.from(values.map((value) => value + 0).buffer)

describe.each<[string, ModelConfig]>([
  ['a Llama with a head of its own', decoder()],
  ['a Llama whose head is the embedding', decoder({ tie_word_embeddings: true })],
  ['a Qwen3', decoder({ model_type: 'qwen3', head_dim: 64 })],
  ['a DeepSeek with experts', deepSeek],
])('%s', (_, config) => {
  const weights = weightsOf(config)
  it.each(['q8_0', 'q4_0', 'q4_k'] as const)('trains in %s with the values of its file', (type) => {
    const rounded = roundedWeights(config, weights, trained(type))
    const [file, plain] = [join(folder, 'file.gguf'), join(folder, 'plain.gguf')]
    const precision = type.toUpperCase() as 'Q8_0' | 'Q4_0' | 'Q4_K'
    exportGguf(file, 'm', { config, weights, tokenizer }, precision)
    exportGguf(plain, 'm', { config, weights: rounded, tokenizer }, 'F32')
    using written = openGguf(file)
    using expected = openGguf(plain)
    let quantized = 0
    for (const [name, { type: stored }] of written.tensors) {
      expect(bits(written.readFloats(name)).equals(bits(expected.readFloats(name))), name).toBe(true)
      if (stored !== 'F32') quantized += 1
    }
    expect(quantized).toBeGreaterThan(config.num_hidden_layers * 6)
  })
})

describe('integers', () => {
  const config = decoder()
  const weights = weightsOf(config)
  const rounded = roundedWeights(config, weights, trained('int4', { groupSize: 64 }))
  const name = 'model.layers.1.mlp.up_proj.weight'

  it('have 15 values in each group, the largest of which is kept', () => {
    const [before, after] = [weights.get(name)!.values, rounded.get(name)!.values]
    for (const start of [0, 64 * 17]) {
      const group = after.subarray(start, start + 64)
      const most = Math.max(...before.subarray(start, start + 64).map(Math.abs))
      expect(Math.max(...group.map(Math.abs))).toBeCloseTo(most, 6)
      expect(new Set(group).size).toBeLessThanOrEqual(15)
      for (const [at, value] of group.entries())
        expect(Math.abs(value - before[start + at]!)).toBeLessThanOrEqual((most / 14) * 1.0001)
    }
  })

  it('are of the layers alone, but for what is skipped', () => {
    const { of } = roundingsOf(config, trained('int8', { skip: ['model.layers.0.*', '*.down_proj'] }))
    expect([...of.keys()].filter((each) => !each.startsWith('model.layers.'))).toEqual([])
    expect([...of.keys()].filter((each) => /layers\.0|down_proj|norm/.test(each))).toEqual([])
    expect(of.size).toBe(6)
    expect(rounded.get('model.embed_tokens.weight')).toBe(weights.get('model.embed_tokens.weight'))
  })

  it('say which names to skip are those of no layer', () => {
    const { notes } = roundingsOf(config, trained('int8', { skip: ['*.down_proj', 'layers.0'] }))
    expect(notes).toEqual(['skip contains "layers.0", but no layer has that name'])
  })

  it('leave out by name what groups do not divide', () => {
    const { of, notes } = roundingsOf(decoder({ intermediate_size: 300 }), trained('int4'))
    expect(notes[0]).toContain('model.layers.0.mlp.down_proj.weight [256, 300] stays as it is: 32')
    expect(of.has('model.layers.0.mlp.down_proj.weight')).toBe(false)
  })

  it('are on the grid of their own scale', () => {
    const { of } = roundingsOf(decoder(), trained('int8'))
    const rounding = of.get(name)!
    const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 })
    fc.assert(
      fc.property(fc.array(float, { minLength: 256, maxLength: 256 }), (values) =>
        scope(() => {
          const result = rounding(torch.tensor([values])).toTypedArray() as Float32Array
          const scale = Math.max(2 ** -23, Math.max(...values.map(Math.abs)) / 127)
          for (const value of result) {
            const steps = value / scale
            expect(Math.abs(steps - Math.round(steps))).toBeLessThan(1e-3)
          }
        }),
      ),
      { numRuns: runs(6, 20) },
    )
  })
})
