import { deepSeekParameterCount, hasExperts, isSurplusWeight, readDeepSeekConfig } from '@hadal/nn'
import { describe, expect, it } from 'vitest'
import { v2, v2Lite, v3 } from './published-configs.ts'

const issuesOf = (json: unknown): string => {
  try {
    readDeepSeekConfig(json)
  } catch (error) {
    expect(error).toMatchObject({ code: 'nn_invalid_model_config' })
    return (error as Error).message
  }
  return ''
}

describe('published files', () => {
  it.each([
    ['V2-Lite', v2Lite, 15.7, 2.66],
    ['V2', v2, 235.7, 21.4],
    ['V3', v3, 671.0, 37.6],
  ])('%s is as large as its paper says', (_name, json, totalBillions, activatedBillions) => {
    const { total, activated } = deepSeekParameterCount(readDeepSeekConfig(json))
    expect(total / 1e9).toBeCloseTo(totalBillions, 1)
    expect(activated / 1e9).toBeCloseTo(activatedBillions, 1)
  })

  it('V3 has experts from its fourth layer on', () => {
    const { moe, num_hidden_layers } = readDeepSeekConfig(v3)
    const layers = Array.from({ length: num_hidden_layers }, (_, i) => hasExperts(moe!, i))
    expect(layers.indexOf(true)).toBe(3)
    expect(layers.lastIndexOf(false)).toBe(2)
  })
})

it('fills in what files of either generation leave out', () => {
  const { scoring_func: _s, topk_method: _t, norm_topk_prob: _n, routed_scaling_factor: _r, ...silent } = v3
  expect(readDeepSeekConfig(silent)).toEqual(readDeepSeekConfig(v3))
  const older = { model_type: 'deepseek_v2', n_shared_experts: null, rope_scaling: { rope_type: 'default' } }
  expect(readDeepSeekConfig({ ...silent, ...older, q_lora_rank: null })).toMatchObject({
    rope_scaling: null,
    q_lora_rank: null,
    moe: { n_shared_experts: 0, scoring_func: 'softmax', topk_method: 'greedy', norm_topk_prob: false },
  })
})

it('reads rotary positions where newer files have them', () => {
  const { rope_scaling, rope_theta, ...rest } = v3
  const { type, ...scaling } = rope_scaling
  const newer = { ...rest, rope_parameters: { ...scaling, rope_type: type, rope_theta: 50_000 } }
  expect(readDeepSeekConfig(newer)).toEqual(readDeepSeekConfig({ ...v3, rope_theta: 50_000 }))
  const plain = { ...rest, rope_parameters: { rope_type: 'default', rope_theta } }
  expect(readDeepSeekConfig(plain)).toEqual(readDeepSeekConfig({ ...v3, rope_scaling: null }))
})

it('reads a model without experts', () => {
  expect(readDeepSeekConfig({ ...v2Lite, n_routed_experts: null }).moe).toBe(null)
})

it('names the weights of a published checkpoint that the model does not use', () => {
  const surplus = (name: string): boolean => isSurplusWeight(name, readDeepSeekConfig(v3))
  expect(surplus('model.layers.61.eh_proj.weight')).toBe(true)
  expect(surplus('model.layers.3.self_attn.rotary_emb.inv_freq')).toBe(true)
  expect(surplus('model.layers.60.mlp.gate.weight')).toBe(false)
  expect(surplus('lm_head.weight')).toBe(false)
})

describe('refuses', () => {
  it('what is no object', () => {
    expect(issuesOf([1])).toContain('config.json is [1]; it must be an object')
  })

  it('every missing or malformed value at once, with its name', () => {
    const { kv_lora_rank: _, ...rest } = v3
    const message = issuesOf({
      ...rest,
      model_type: 'llama',
      hidden_size: '7168',
      n_group: 0,
      rms_norm_eps: 0,
      tie_word_embeddings: 'no',
      hidden_act: 'gelu',
      topk_method: 'best',
      rope_scaling: { type: 'yarn', factor: -1, mscale: 'x', attention_factor: 1.2 },
    })
    for (const issue of [
      'has 12 error(s)',
      'model_type is "llama"; it must be "deepseek_v2" or "deepseek_v3"',
      'kv_lora_rank is missing; it must be a whole number of at least 1',
      'hidden_size is "7168"',
      'n_group is 0',
      'rms_norm_eps is 0; it must be a number above 0',
      'tie_word_embeddings is "no"; it must be true or false',
      'hidden_act is "gelu"; only "silu" is supported',
      'topk_method is "best"',
      'rope_scaling.factor is -1',
      'rope_scaling.mscale is "x"',
      'rope_scaling.original_max_position_embeddings is missing',
      'rope_scaling.attention_factor is 1.2',
    ])
      expect(message).toContain(issue)
  })

  it('another scaling than YaRN', () => {
    expect(issuesOf({ ...v3, rope_scaling: { type: 'linear', factor: 4 } })).toContain(
      'rope_scaling.type is "linear"; it must be "yarn" or "default"',
    )
  })

  it.each([
    ['qk_rope_head_dim is 63', { qk_rope_head_dim: 63 }],
    ['n_routed_experts 256 does not divide into 7 groups', { n_group: 7, topk_group: 4 }],
    ['topk_group 9 exceeds n_group 8', { topk_group: 9 }],
    ['num_experts_per_tok 33 exceeds the 32 experts', { topk_group: 1, num_experts_per_tok: 33 }],
    ['fewer than the two experts a group', { n_group: 256, topk_group: 8 }],
    ['num_experts_per_tok 257 exceeds n_routed_experts', { topk_method: 'greedy', num_experts_per_tok: 257 }],
    ['implementations of deepseek_v2 disagree', { model_type: 'deepseek_v2' }],
  ])('%s', (issue, change) => {
    expect(issuesOf({ ...v3, ...change })).toContain(issue)
  })
})
