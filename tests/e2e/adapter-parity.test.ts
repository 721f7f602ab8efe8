/**
 * An adapter's GGUF beside its base's, run by llama.cpp, gives the logits that the model gives with the adapter beside it. Random
 * values, so that a wrong permutation, scale or name cannot hide.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFileLogits } from '@hadal/engine'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  initializeDecoder,
  type LanguageModel,
  LoraAdapters,
  type LoraOptions,
  loraDefaults,
  type ModelConfig,
  type MoeConfig,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, setNumThreads, torch } from '@hadal/tensor'
import { compareLogits, exportGguf, exportGgufAdapter, type LogitDifference, toHost } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-adapter-parity-'))
afterAll(() => rmSync(folder, { recursive: true }))
const [basePath, adapterPath] = [join(folder, 'base.gguf'), join(folder, 'adapter.gguf')]

const prompt = 'The sea is deep. The deep sea is dark.'
const tokenizer = trainBpe([prompt], { vocabSize: 280, specialTokens: Object.values(chatTokens) })
const tokens = tokenizer.encode(prompt)
const decoder = (more: Partial<DecoderConfig> = {}): DecoderConfig => ({
  vocab_size: tokenizer.vocabSize,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: true,
  ...more,
})
const experts: MoeConfig = {
  n_routed_experts: 8,
  num_experts_per_tok: 3,
  scoring_func: 'softmax',
  topk_method: 'greedy',
  n_group: 1,
  topk_group: 1,
  norm_topk_prob: false,
  routed_scaling_factor: 1.5,
  moe_intermediate_size: 32,
  n_shared_experts: 2,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
}
const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: tokenizer.vocabSize,
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: 24,
  kv_lora_rank: 32,
  qk_nope_head_dim: 32,
  qk_rope_head_dim: 16,
  v_head_dim: 32,
  moe: experts,
}
const ofFeedForward = ['o_proj', 'gate_proj', 'up_proj', 'down_proj']
const patterns = { rankPattern: { 'layers.1.*.q_proj': 6, down_proj: 2 }, alphaPattern: { 'mlp.*': 20 } }

describe('llama.cpp computes the logits of', () => {
  it.each<[string, ModelConfig, Partial<LoraOptions>]>([
    ['a Llama with an adapter', decoder(), { rank: 4, alpha: 8 }],
    [
      'a Llama with as many keys as queries, rank-stabilised',
      decoder({ num_key_value_heads: 4 }),
      { rank: 5, rankStabilized: true },
    ],
    ['a Llama with ranks and scales that differ', decoder({ head_dim: 32 }), { rank: 4, ...patterns }],
    ['a Llama whose head has one, too', decoder({ tie_word_embeddings: false }), { rank: 4, targets: ['*'] }],
    [
      'a Qwen2 with an adapter',
      decoder({ model_type: 'qwen2' }),
      { rank: 4, ...patterns, rankStabilized: true },
    ],
    ['a Qwen3 with an adapter', decoder({ model_type: 'qwen3', head_dim: 32 }), { rank: 4 }],
    ['a DeepSeek with experts that have adapters', deepSeek, { rank: 4, targets: ofFeedForward }],
    [
      'a DeepSeek without experts',
      { ...deepSeek, moe: null },
      { rank: 4, targets: ofFeedForward, ...patterns },
    ],
  ])('%s', async (_, config, options) => {
    const { beside, alone } = await compared(config, options)
    expect(alone.meanDivergence).toBeGreaterThan(0.01)
    expect(beside.maxDifference).toBeLessThan(1e-4)
  })
})

/** How far llama.cpp is away from the model with the adapter, and how far the base alone. */
async function compared(
  config: ModelConfig,
  options: Partial<LoraOptions>,
): Promise<{ beside: LogitDifference; alone: LogitDifference }> {
  const { reference, alone } = exported(config, options)
  const [candidate] = await readFileLogits(basePath, [tokens], { adapter: adapterPath })
  const difference = (found: Float32Array): LogitDifference =>
    compareLogits([{ name: '', reference, candidate: found }], config.vocab_size).overall
  return { beside: difference(candidate!), alone: difference(alone) }
}

const exported = (
  config: ModelConfig,
  options: Partial<LoraOptions>,
): { reference: Float32Array; alone: Float32Array } =>
  scope(() => {
    manualSeed(5)
    const model = createModel(config)
    initializeDecoder(model.parameters(), config.num_hidden_layers)
    noGrad(() => {
      for (const weight of model.parameters().values()) if (weight.ndim === 2) weight.mul_(10)
    })
    const alone = logitsOf(model)
    exportGguf(basePath, 'base', { config, weights: toHost(model.parameters()), tokenizer }, 'F32')
    const adapters = new LoraAdapters(model, { ...loraDefaults, ...options }, 'float32')
    noGrad(() => {
      for (const { b_or } of adapters.layers.values()) b_or.normal_(0, 0.05)
    })
    const file = { weights: toHost(adapters.parameters()), adapter: options, baseModel: '' }
    exportGgufAdapter(adapterPath, 'adapter', config, file)
    return { alone, reference: logitsOf(model) }
  })

const logitsOf = (model: LanguageModel): Float32Array =>
  noGrad(() => model.forward(torch.tensor([tokens], { dtype: 'int64' })).toTypedArray() as Float32Array)
