/** The checkpoint loader reads Hugging Face exports of training: the same model, bit for bit. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chatTokens,
  createModel,
  type DecoderConfig,
  type DeepSeekConfig,
  initializeDecoder,
  loadCheckpoint,
  type ModelConfig,
  trainBpe,
} from '@hadal/nn'
import { manualSeed, noGrad, scope, torch } from '@hadal/tensor'
import { exportHuggingFace } from '@hadal/train'
import { afterAll, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'hadal-load-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

const tokenizer = trainBpe(['a small text, a small text'], {
  vocabSize: 264,
  specialTokens: Object.values(chatTokens),
})

const sizes = {
  vocab_size: tokenizer.vocabSize,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  max_position_embeddings: 32,
  rope_theta: 500_000,
} as const

const decoder: Omit<DecoderConfig, 'model_type' | 'tie_word_embeddings'> = {
  ...sizes,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-5,
}
const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
} as const

const deepSeek: DeepSeekConfig = {
  ...sizes,
  model_type: 'deepseek_v2',
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
  kv_lora_rank: 12,
  qk_nope_head_dim: 6,
  qk_rope_head_dim: 4,
  v_head_dim: 5,
  moe: null,
}
const yarn = {
  factor: 4,
  original_max_position_embeddings: 8,
  beta_fast: 16,
  beta_slow: 2,
  mscale: 0.5,
  mscale_all_dim: 1,
}
const moe = {
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 4,
  topk_group: 2,
  norm_topk_prob: true,
  routed_scaling_factor: 2,
  moe_intermediate_size: 10,
  n_shared_experts: 1,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
} as const
const ofV2 = { scoring_func: 'softmax', topk_method: 'greedy', norm_topk_prob: false } as const

it.each<[string, ModelConfig]>([
  ['a llama', { ...decoder, model_type: 'llama', tie_word_embeddings: true }],
  ['a llama with its own head', { ...decoder, model_type: 'llama', tie_word_embeddings: false }],
  [
    'stretched positions',
    { ...decoder, model_type: 'llama', tie_word_embeddings: true, rope_scaling: llama3 },
  ],
  ['a qwen2', { ...decoder, model_type: 'qwen2', tie_word_embeddings: false }],
  ['a qwen3', { ...decoder, model_type: 'qwen3', tie_word_embeddings: true }],
  ['a DeepSeek without experts', { ...deepSeek, attention_bias: true }],
  ['a DeepSeek-V2', { ...deepSeek, rope_scaling: yarn, moe: { ...moe, ...ofV2 } }],
  ['a DeepSeek-V3', { ...deepSeek, model_type: 'deepseek_v3', q_lora_rank: 6, rope_scaling: yarn, moe }],
])('%s comes back as it was', (name, config) => {
  const target = join(folder, name)
  scope(() => {
    manualSeed(1)
    const model = createModel(config)
    const parameters = model.parameters()
    initializeDecoder(parameters, config.num_hidden_layers)
    const weights = new Map(
      [...parameters].map(([name, tensor]) => [
        name,
        { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array },
      ]),
    )
    exportHuggingFace(target, { config, weights, tokenizer })
    const loaded = loadCheckpoint(target)
    expect(loaded.plan.unneeded).toEqual([])
    // Optional keys come back as their defaults.
    expect(loaded.model.config).toMatchObject(config)
    const ids = torch.tensor([[1, 2, 3, 250]], { dtype: 'int64' })
    noGrad(() => {
      const same = loaded.model.forward(ids).equal(model.forward(ids))
      expect(same).toBe(true)
    })
  })
})
