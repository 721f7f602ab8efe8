/**
 * The two halves of the house meet in a file: a model's GGUF, run by llama.cpp, gives the logits that the model itself gives, and
 * served by the engine its probabilities. Random weights, so that a wrong permutation or a wrong position cannot hide.
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLlamaEngine, readFileLogits } from '@hadal/engine'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  initializeDecoder,
  type LanguageModel,
  type ModelConfig,
  type MoeConfig,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, torch } from '@hadal/tensor'
import { compareLogits, exportGguf, type GgufPrecision, type HostTensor } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'hadal-parity-'))
afterAll(() => rmSync(folder, { recursive: true }))

const prompt = 'The sea is deep. The deep sea is dark.'
const tokenizer = trainBpe([`${prompt} It is cold, and dark, and deep.`], {
  vocabSize: 300,
  specialTokens: Object.values(chatTokens),
})
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

const ownHead = decoder({ num_key_value_heads: 4, tie_word_embeddings: false })

const deepSeek = (more: Partial<DeepSeekConfig> = {}): DeepSeekConfig => ({
  model_type: 'deepseek_v2',
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
  q_lora_rank: null,
  kv_lora_rank: 32,
  qk_nope_head_dim: 32,
  qk_rope_head_dim: 16,
  v_head_dim: 32,
  moe: null,
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

const ofV3: MoeConfig = {
  ...experts,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 4,
  topk_group: 2,
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
}

const normed = { norm_topk_prob: true, routed_scaling_factor: 1 } as const

const yarn = {
  factor: 4,
  original_max_position_embeddings: 64,
  beta_fast: 32,
  beta_slow: 1,
  mscale: 0.7,
  mscale_all_dim: 0.7,
}

const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 32,
} as const

const ofLite = deepSeek({ moe: experts, rope_scaling: yarn })
const v3 = deepSeek({
  model_type: 'deepseek_v3',
  moe: ofV3,
  q_lora_rank: 24,
  kv_lora_rank: 40,
  qk_nope_head_dim: 20,
  v_head_dim: 28,
  rope_scaling: { ...yarn, mscale: 1, mscale_all_dim: 1 },
})
/** Wide enough for blocks of 256. */
const wide = { hidden_size: 256, intermediate_size: 256, num_hidden_layers: 2 }

describe('llama.cpp computes the logits of', () => {
  it.each<[string, ModelConfig]>([
    ['a Llama with grouped queries and a tied head', decoder()],
    ['a Llama with its own head', ownHead],
    ['a Llama with heads of a width of their own', decoder({ head_dim: 32 })],
    ['a Llama 3 with stretched positions', decoder({ rope_scaling: llama3 })],
    ['a Qwen2, biases', decoder({ model_type: 'qwen2' })],
    ['a Qwen3, normed heads', decoder({ model_type: 'qwen3', head_dim: 32 })],
    ['a DeepSeek without experts', deepSeek({ tie_word_embeddings: true })],
    ['a DeepSeek of 27 layers, as V2-Lite has', deepSeek({ num_hidden_layers: 27 })],
    ['a DeepSeek-V2-Lite', ofLite],
    ['a DeepSeek-V2 with latent queries', deepSeek({ moe: experts, q_lora_rank: 24 })],
    ['a DeepSeek-V2 that weighs experts by their sum', deepSeek({ moe: { ...experts, ...normed } })],
    ['a DeepSeek-V3 with groups, a correction bias and odd widths', v3],
    ['YaRN with mscale alone', deepSeek({ rope_scaling: { ...yarn, mscale_all_dim: 0 } })],
    ['YaRN with neither mscale', deepSeek({ rope_scaling: { ...yarn, mscale: 0, mscale_all_dim: 0 } })],
    ['YaRN with two of them', deepSeek({ rope_scaling: { ...yarn, mscale: 1 } })],
    ['YaRN that stretches nothing', deepSeek({ rope_scaling: { ...yarn, factor: 1 } })],
  ])('%s', async (name, config) => {
    const { overall } = await compared(name, config, 'F32')
    expect(overall.maxDifference).toBeLessThan(1e-4)
  })

  it.each<[GgufPrecision, number]>([
    ['F16', 1e-3],
    ['BF16', 1e-2],
    ['Q8_0', 5e-2],
    ['Q4_K', 0.5],
    ['Q4_0', 0.5],
  ])('models in %s', async (precision, meanDivergence) => {
    const models = [decoder(wide), { ...v3, ...wide }]
    for (const [index, config] of models.entries()) {
      const { overall } = await compared(`${precision}-${index}`, config, precision)
      expect(overall.meanDivergence).toBeGreaterThan(0)
      expect(overall.meanDivergence).toBeLessThan(meanDivergence)
    }
  })
})

/** What is left of a difference is that the engine keeps keys and values in half precision, or values in BF16. */
describe('the engine serves the probabilities of', () => {
  it.each<[string, ModelConfig, GgufPrecision, boolean, number]>([
    ['a Llama', decoder(), 'F32', false, 1e-2],
    ['a Llama, batch invariant', ownHead, 'F32', true, 5e-2],
    ['a Llama in Q8_0', decoder(), 'Q8_0', false, 0.3],
    ['a DeepSeek-V2-Lite', ofLite, 'F32', false, 1e-2],
    ['a DeepSeek-V3', v3, 'F32', false, 1e-2],
    ['a DeepSeek-V3, batch invariant', v3, 'F32', true, 5e-2],
  ])('%s', async (name, config, precision, batchInvariant, tolerance) => {
    const { path, model } = exported(name, config, precision)
    await using engine = createLlamaEngine({ modelPath: path, threads: 1, maxBatchSize: 1, batchInvariant })
    await engine.ready()
    const tokens = tokenizer.encode(prompt)
    expect(await engine.tokenize(prompt, { addSpecial: false })).toEqual(tokens)
    let compared = 0
    for await (const event of engine.generate({
      id: name,
      prompt: tokens,
      maxTokens: 12,
      sampling: { temperature: 0 },
      stop: [],
      topLogprobs: 5,
      ignoreEos: true,
    })) {
      if (event.type !== 'delta') continue
      for (const { token, top } of event.logprobs) {
        const expected = logprobsAfter(model, tokens)
        for (const candidate of top) {
          expect(Math.abs(candidate.logprob - expected[candidate.token]!)).toBeLessThan(tolerance)
          compared += 1
        }
        tokens.push(token)
      }
    }
    expect(compared).toBe(12 * 5)
  })
})

async function compared(
  name: string,
  config: ModelConfig,
  precision: GgufPrecision,
): Promise<ReturnType<typeof compareLogits>> {
  const { path, model } = exported(name, config, precision)
  const sequences = [prompt, 'It is cold, and dark.'].map((text) => tokenizer.encode(text))
  const found = await readFileLogits(path, sequences)
  const prompts = sequences.map((tokens, index) => ({
    name: String(index),
    reference: logitsOf(model, tokens),
    candidate: found[index]!,
  }))
  return compareLogits(prompts, tokenizer.vocabSize)
}

function exported(
  name: string,
  config: ModelConfig,
  precision: GgufPrecision,
): { path: string; model: LanguageModel } {
  const path = join(folder, `${name.replace(/\W+/g, '-')}.gguf`)
  const model = createModel(config)
  manualSeed(5)
  const parameters = model.parameters()
  initializeDecoder(parameters, config.num_hidden_layers)
  // The initial deviation gives nearly flat probabilities; wider ones give the comparison something to see.
  noGrad(() => {
    for (const [key, weight] of parameters)
      if (weight.ndim === 2) weight.mul_(80 / Math.sqrt(config.hidden_size))
      else if (key.endsWith('correction_bias')) weight.uniform_(-0.2, 0.2)
      else if (key.endsWith('bias')) weight.uniform_(-1, 1)
      else if (/[qk]_norm|a_layernorm/.test(key)) weight.uniform_(0.5, 1.5)
  })
  const weights = new Map<string, HostTensor>(
    [...parameters].map(([key, tensor]) => [
      key,
      { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array },
    ]),
  )
  exportGguf(path, 'parity', { config, weights, tokenizer }, precision)
  return { path, model }
}

function logitsOf(model: LanguageModel, tokens: readonly number[]): Float32Array {
  return noGrad(() =>
    scope(() => {
      const ids = torch.tensor([[...tokens]], { dtype: 'int64' })
      return model.forward(ids).toTypedArray() as Float32Array
    }),
  )
}

function logprobsAfter(model: LanguageModel, tokens: readonly number[]): Float32Array {
  const last = logitsOf(model, tokens).slice(-tokenizer.vocabSize)
  const total = Math.log(last.reduce((sum, logit) => sum + Math.exp(logit), 0))
  return last.map((logit) => logit - total)
}
