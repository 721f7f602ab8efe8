import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wantedTensors } from '../checkpoint/wanted-tensors.ts'
import type { DecoderConfig } from '../decoder-config.ts'
import type { DeepSeekConfig } from '../deepseek/config.ts'
import { type Layout, layoutIssues, localConfig, localExperts } from './shard.ts'
import { expertsOf, isPartial, shardOf } from './shard-of.ts'

const decoder: DecoderConfig = {
  model_type: 'qwen2',
  vocab_size: 48,
  hidden_size: 8,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  tie_word_embeddings: false,
}

const deepSeek: DeepSeekConfig = {
  model_type: 'deepseek_v3',
  vocab_size: 48,
  hidden_size: 12,
  intermediate_size: 24,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  max_position_embeddings: 8,
  rms_norm_eps: 1e-6,
  tie_word_embeddings: true,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: 6,
  kv_lora_rank: 6,
  qk_nope_head_dim: 4,
  qk_rope_head_dim: 2,
  v_head_dim: 3,
  moe: {
    n_routed_experts: 12,
    num_experts_per_tok: 2,
    scoring_func: 'sigmoid',
    topk_method: 'noaux_tc',
    n_group: 1,
    topk_group: 1,
    norm_topk_prob: true,
    routed_scaling_factor: 1,
    moe_intermediate_size: 8,
    n_shared_experts: 1,
    first_k_dense_replace: 1,
    moe_layer_freq: 1,
  },
}

const place = (sizes: number[]): fc.Arbitrary<{ rank: number; size: number }> =>
  fc.constantFrom(...sizes).chain((size) => fc.record({ rank: fc.nat(size - 1), size: fc.constant(size) }))

describe('a divided model', () => {
  it('is whole when its parts are joined, and each expert is at one place', () => {
    const sizes = fc.record({ tensor: fc.constantFrom(1, 2, 4), expert: fc.constantFrom(1, 2, 3) })
    fc.assert(
      fc.property(fc.constantFrom(decoder, deepSeek), sizes, (config, { tensor, expert }) => {
        const owners = new Map<string, number>()
        for (let rank = 0; rank < tensor; rank += 1)
          for (let place = 0; place < expert; place += 1) {
            const layout = { tensor: { rank, size: tensor }, expert: { rank: place, size: expert } }
            for (const { name, shape } of wantedTensors(config)) {
              const { dim, owner } = shardOf(name, expertsOf(config), layout)
              const isHere = owner === undefined || owner === place
              const share = isHere ? (dim === undefined ? 1 : 1 / tensor) : 0
              if (dim !== undefined) expect(shape[dim]! % tensor).toBe(0)
              owners.set(name, (owners.get(name) ?? 0) + share)
            }
          }
        for (const { name } of wantedTensors(config)) {
          const { dim, owner } = shardOf(name, expertsOf(config), {
            tensor: { rank: 0, size: tensor },
            expert: { rank: 0, size: expert },
          })
          expect(owners.get(name)).toBe((dim === undefined ? tensor : 1) * (owner === undefined ? expert : 1))
        }
      }),
    )
  })

  it('has at each rank exactly the parts that the cuts say', () => {
    const layouts = fc.record({ tensor: place([1, 2, 4]), expert: place([1, 2, 3]) })
    fc.assert(
      fc.property(fc.constantFrom(decoder, deepSeek), layouts, (config, layout: Layout) => {
        const experts = expertsOf(config)
        const cut = [...wantedTensors(config)].flatMap(({ name, shape }) => {
          const { dim, owner } = shardOf(name, experts, layout)
          if (owner !== undefined && owner !== layout.expert.rank) return []
          return [[name, shape.map((length, at) => (at === dim ? length / layout.tensor.size : length))]]
        })
        const { first, count } = localExperts(experts, layout.expert)
        const isHere = (name: string): boolean => {
          const number = Number(/\.experts\.(\d+)\./.exec(name)?.[1] ?? first)
          return number >= first && number < first + Math.max(1, count)
        }
        const built = [...wantedTensors(localConfig(config, layout.tensor))].flatMap(({ name, shape }) =>
          isHere(name) ? [[name, shape]] : [],
        )
        expect(built).toEqual(cut)
      }),
    )
  })

  it('sums gradients inside its halves always, between them only where the sequence is divided', () => {
    const layout: Layout = { tensor: { rank: 0, size: 2 }, expert: { rank: 0, size: 1 } }
    const partial = (sequence: boolean): string[] =>
      [...wantedTensors(deepSeek)]
        .filter(({ name }) => isPartial(name, shardOf(name, 12, layout), sequence))
        .map(({ name }) => name.replace(/^model\.layers\.(\d)\./, '$1.'))
        .filter((name) => /^[^02]/.test(name))
    const inside = [
      '1.self_attn.q_a_proj.weight',
      '1.self_attn.q_a_layernorm.weight',
      '1.self_attn.kv_a_proj_with_mqa.weight',
      '1.self_attn.kv_a_layernorm.weight',
      '1.mlp.gate.weight',
      '1.mlp.gate.e_score_correction_bias',
    ]
    expect(partial(false)).toEqual(inside)
    const norms = ['1.input_layernorm.weight', '1.post_attention_layernorm.weight', 'model.norm.weight']
    expect(partial(true)).toEqual([...inside, ...norms])
    expect(isPartial('score.weight', shardOf('score.weight', 12, layout), true)).toBe(false)
  })
})

it('cuts adapters and the state of optimizers like the matrices they are of', () => {
  const layout: Layout = { tensor: { rank: 1, size: 2 }, expert: { rank: 0, size: 3 } }
  const dim = (name: string): number | undefined => shardOf(name, 12, layout).dim
  const module = 'model.layers.1.self_attn'
  expect(dim(`${module}.q_proj.lora_A.weight`)).toBe(undefined)
  expect(dim(`${module}.q_proj.lora_B.weight`)).toBe(0)
  expect(dim(`${module}.o_proj.lora_A.weight`)).toBe(1)
  expect(dim(`${module}.o_proj.lora_B.weight`)).toBe(undefined)
  expect(dim(`mean.${module}.o_proj.weight`)).toBe(1)
  expect(dim('square.lm_head.weight')).toBe(0)
  expect(dim('score.weight')).toBe(undefined)
  expect(shardOf('mean.model.layers.1.mlp.experts.11.up_proj.weight', 12, layout)).toEqual({
    dim: 0,
    owner: 2,
  })
})

it('names every size that does not divide', () => {
  const issues = (config: DecoderConfig | DeepSeekConfig, tensor: number, expert: number): string[] =>
    layoutIssues(config, { tensor, expert })
  expect(issues(decoder, 4, 1)).toEqual([])
  expect(issues(deepSeek, 4, 3)).toEqual([])
  expect(issues(decoder, 5, 2)).toEqual([
    'vocab_size 48 does not divide by parallel.tensor 5',
    'intermediate_size 24 does not divide by parallel.tensor 5',
    'num_attention_heads 8 does not divide by parallel.tensor 5',
    'num_key_value_heads 4 does not divide by parallel.tensor 5',
    'n_routed_experts is missing, and parallel.expert 2 has nothing to divide',
  ])
  expect(issues({ ...deepSeek, attention_bias: true, num_attention_heads: 12 }, 3, 5)).toEqual([
    'attention_bias is true; parallel.tensor divides only projections without it',
    'moe_intermediate_size 8 does not divide by parallel.tensor 3',
    'n_routed_experts 12 does not divide by parallel.expert 5',
  ])
})
