import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGguf } from '@hadal/formats'
import { chatTokens, createModel, type DeepSeekConfig, type MoeConfig, trainBpe } from '@hadal/nn'
import { manualSeed, noGrad, scope } from '@hadal/tensor'
import { afterAll, describe, expect, it } from 'vitest'
import type { HostTensor, Weights } from '../weights.ts'
import { exportGguf } from './gguf.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-export-deepseek-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'model.gguf')

const tokenizer = trainBpe(['a small text, a small text'], {
  vocabSize: 264,
  specialTokens: Object.values(chatTokens),
})
const moe: MoeConfig = {
  n_routed_experts: 8,
  num_experts_per_tok: 2,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 4,
  topk_group: 2,
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
  moe_intermediate_size: 32,
  n_shared_experts: 1,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
}
const config: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: tokenizer.vocabSize,
  hidden_size: 32,
  intermediate_size: 64,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 256,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: false,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: 32,
  kv_lora_rank: 32,
  qk_nope_head_dim: 8,
  qk_rope_head_dim: 4,
  v_head_dim: 6,
  moe,
}
const yarn = {
  factor: 40,
  original_max_position_embeddings: 64,
  beta_fast: 32,
  beta_slow: 1,
  mscale: 1,
  mscale_all_dim: 1,
}

function weightsOf(config: DeepSeekConfig): Weights {
  return scope(() => {
    manualSeed(1)
    const parameters = createModel(config).parameters()
    noGrad(() => {
      for (const weight of parameters.values()) weight.normal_(0, 1)
    })
    return new Map<string, HostTensor>(
      [...parameters].map(([name, weight]) => [
        name,
        { shape: weight.shape, values: weight.toTypedArray() as Float32Array },
      ]),
    )
  })
}

describe('exportGguf of DeepSeek', () => {
  const write = (changed: Partial<DeepSeekConfig> = {}): void => {
    const model = { ...config, ...changed }
    exportGguf(path, 'Test', { config: model, weights: weightsOf(model), tokenizer }, 'Q8_0')
  }

  it('stacks experts, splits what comes from the latent, keeps the router in F32 and odd rows in F16', () => {
    write()
    using file = openGguf(path)
    const layer = [...file.tensors].filter(([name]) => name.startsWith('blk.1.'))
    expect(layer.map(([name, { type, shape }]) => `${name.slice(6)} ${type} ${shape.join('x')}`)).toEqual([
      'attn_q_a.weight Q8_0 32x32',
      'attn_q_a_norm.weight F32 32',
      'attn_q_b.weight Q8_0 24x32',
      'attn_kv_a_mqa.weight Q8_0 36x32',
      'attn_kv_a_norm.weight F32 32',
      'attn_k_b.weight F16 2x32x8',
      'attn_v_b.weight Q8_0 2x6x32',
      'attn_output.weight F16 32x12',
      'ffn_gate_inp.weight F32 8x32',
      'exp_probs_b.bias F32 8',
      'ffn_gate_exps.weight Q8_0 8x32x32',
      'ffn_up_exps.weight Q8_0 8x32x32',
      'ffn_down_exps.weight Q8_0 8x32x32',
      'ffn_gate_shexp.weight Q8_0 32x32',
      'ffn_up_shexp.weight Q8_0 32x32',
      'ffn_down_shexp.weight Q8_0 32x32',
      'attn_norm.weight F32 32',
      'ffn_norm.weight F32 32',
    ])
  })

  it('says how wide the latent and the heads are, and how experts are chosen', () => {
    write()
    using file = openGguf(path)
    const value = (key: string): unknown => file.metadata.get(`deepseek2.${key}`)?.value
    expect(file.metadata.get('general.architecture')?.value).toBe('deepseek2')
    for (const [key, expected] of Object.entries({
      'attention.head_count_kv': 1,
      'attention.q_lora_rank': 32,
      'attention.kv_lora_rank': 32,
      'attention.key_length': 36,
      'attention.value_length': 32,
      'attention.key_length_mla': 12,
      'attention.value_length_mla': 6,
      'rope.dimension_count': 4,
      leading_dense_block_count: 1,
      expert_count: 8,
      expert_used_count: 2,
      expert_shared_count: 1,
      expert_feed_forward_length: 32,
      expert_gating_func: 2,
      expert_weights_scale: 2.5,
      expert_weights_norm: true,
      expert_group_count: 4,
      expert_group_used_count: 2,
    }))
      expect([key, value(key)]).toEqual([key, expected])
    expect([...file.metadata.keys()].filter((key) => key.includes('scaling'))).toEqual([])
  })

  it('writes YaRN as the published converter does', () => {
    write({ rope_scaling: yarn })
    using file = openGguf(path)
    const found = [...file.metadata].filter(([key]) => key.includes('scaling'))
    expect(found.map(([key, { value }]) => [key.slice('deepseek2.rope.scaling.'.length), value])).toEqual([
      ['type', 'yarn'],
      ['factor', 40],
      ['original_context_length', 64],
      ['yarn_beta_fast', 32],
      ['yarn_beta_slow', 1],
      ['yarn_log_multiplier', Math.fround(0.1)],
    ])
  })

  it.each([
    ['rms_norm_eps 0.00001', { rms_norm_eps: 1e-5 }],
    ['attention_bias true', { attention_bias: true }],
    ['q_lora_rank 32 in a model of 27 layers', { num_hidden_layers: 27 }],
    ['beta_fast 16', { rope_scaling: { ...yarn, beta_fast: 16 } }],
    ['beta_slow 2', { rope_scaling: { ...yarn, beta_slow: 2 } }],
    ['n_shared_experts 0', { moe: { ...moe, n_shared_experts: 0 } }],
    ['n_routed_experts 2048', { moe: { ...moe, n_routed_experts: 2048 } }],
    ['topk_method group_limited_greedy', { moe: { ...moe, topk_method: 'group_limited_greedy' } }],
    ['moe_layer_freq 2', { moe: { ...moe, first_k_dense_replace: 0, moe_layer_freq: 2 } }],
  ] satisfies [string, Partial<DeepSeekConfig>][])('refuses %s', (what, changed) => {
    expect(() => write(changed)).toThrow(
      expect.objectContaining({ code: 'train_export_unsupported', message: expect.stringContaining(what) }),
    )
  })

  it('refuses all at once', () => {
    expect(() => write({ attention_bias: true, rms_norm_eps: 1e-5 })).toThrow(
      /rms_norm_eps.*; attention_bias true cannot be written as GGUF/,
    )
  })

  it.each([
    ['groups that limit nothing', { topk_method: 'group_limited_greedy', topk_group: 4 }, false],
    ['a frequency that leaves no dense layer behind', { moe_layer_freq: 2, first_k_dense_replace: 2 }, true],
    ['the correction bias over groups', {}, true],
  ] satisfies [string, Partial<MoeConfig>, boolean][])('takes %s', (_, changed, grouped) => {
    write({ moe: { ...moe, ...changed } })
    using file = openGguf(path)
    expect(file.metadata.has('deepseek2.expert_group_count')).toBe(grouped)
  })
})
