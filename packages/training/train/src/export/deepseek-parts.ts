/**
 * DeepSeek-V2 and V3 as llama.cpp's `deepseek2`. Keys and values of all heads stay one latent, which the two halves of kv_b_proj
 * project to queries and results; a layer's experts are stacked. Rejects features that llama.cpp does not support.
 */

import { type GgufValue, gguf } from '@hadal/formats'
import type { DeepSeekConfig, MoeConfig } from '@hadal/nn'
import { exportUnsupported } from '../errors.ts'
import type { HostTensor, Weights } from '../weights.ts'
import { deepSeekObstacles, leadingDense, limitsGroups } from './deepseek-obstacles.ts'
import { asItIs, type GgufParts, renamed, type UntypedTensor } from './gguf-parts.ts'
import { yarnValues } from './yarn-values.ts'

/** Names of weights within a layer, except those that llama.cpp stores differently. */
export const deepSeekNames: Readonly<Record<string, string>> = {
  'input_layernorm.weight': 'attn_norm.weight',
  'self_attn.q_proj.weight': 'attn_q.weight',
  'self_attn.q_a_proj.weight': 'attn_q_a.weight',
  'self_attn.q_a_layernorm.weight': 'attn_q_a_norm.weight',
  'self_attn.q_b_proj.weight': 'attn_q_b.weight',
  'self_attn.kv_a_proj_with_mqa.weight': 'attn_kv_a_mqa.weight',
  'self_attn.kv_a_layernorm.weight': 'attn_kv_a_norm.weight',
  'self_attn.o_proj.weight': 'attn_output.weight',
  'post_attention_layernorm.weight': 'ffn_norm.weight',
  'mlp.gate_proj.weight': 'ffn_gate.weight',
  'mlp.up_proj.weight': 'ffn_up.weight',
  'mlp.down_proj.weight': 'ffn_down.weight',
  'mlp.gate.weight': 'ffn_gate_inp.weight',
  'mlp.gate.e_score_correction_bias': 'exp_probs_b.bias',
  'mlp.shared_experts.gate_proj.weight': 'ffn_gate_shexp.weight',
  'mlp.shared_experts.up_proj.weight': 'ffn_up_shexp.weight',
  'mlp.shared_experts.down_proj.weight': 'ffn_down_shexp.weight',
}

/** Throws `train_export_unsupported` with everything that llama.cpp could not do as the model does. */
export function deepSeekParts(config: DeepSeekConfig, weights: Weights): GgufParts {
  const obstacles = deepSeekObstacles(config)
  if (obstacles.length > 0) throw exportUnsupported('GGUF', obstacles.join('; '))
  const tensors = renamed(weights, (name, tensor, prefix) => {
    if (name === 'self_attn.kv_b_proj.weight') return keysAndValues(prefix, tensor, config)
    const [, index, projection] = /^mlp\.experts\.(\d+)\.(gate|up|down)_proj\.weight$/.exec(name) ?? []
    if (projection === undefined) return [asItIs(prefix + deepSeekNames[name], tensor)]
    // The first expert represents the stack.
    if (index !== '0') return []
    const layer = prefix.replace('blk.', 'model.layers.')
    const experts = Array.from({ length: config.moe!.n_routed_experts }, (_, expert) => {
      return weights.get(`${layer}mlp.experts.${expert}.${projection}_proj.weight`)!
    })
    return [stacked(`${prefix}ffn_${projection}_exps.weight`, experts)]
  })
  return { architecture: 'deepseek2', values: values(config), tensors }
}

function values(config: DeepSeekConfig): Readonly<Record<string, GgufValue>> {
  const { kv_lora_rank, qk_nope_head_dim, qk_rope_head_dim, v_head_dim, rope_scaling, moe } = config
  return {
    block_count: gguf.uint32(config.num_hidden_layers),
    context_length: gguf.uint32(config.max_position_embeddings),
    embedding_length: gguf.uint32(config.hidden_size),
    feed_forward_length: gguf.uint32(config.intermediate_size),
    'attention.head_count': gguf.uint32(config.num_attention_heads),
    // The latent is the one key and the one value of all heads.
    'attention.head_count_kv': gguf.uint32(1),
    'attention.layer_norm_rms_epsilon': gguf.float32(config.rms_norm_eps),
    // 0: queries have no latent. If absent, llama.cpp infers it from the number of layers.
    'attention.q_lora_rank': gguf.uint32(config.q_lora_rank ?? 0),
    'attention.kv_lora_rank': gguf.uint32(kv_lora_rank),
    'attention.key_length': gguf.uint32(kv_lora_rank + qk_rope_head_dim),
    'attention.value_length': gguf.uint32(kv_lora_rank),
    'attention.key_length_mla': gguf.uint32(qk_nope_head_dim + qk_rope_head_dim),
    'attention.value_length_mla': gguf.uint32(v_head_dim),
    'rope.dimension_count': gguf.uint32(qk_rope_head_dim),
    'rope.freq_base': gguf.float32(config.rope_theta),
    ...(rope_scaling && yarnValues(rope_scaling)),
    leading_dense_block_count: gguf.uint32(leadingDense(config)),
    // These two have to be there for models without experts too.
    expert_feed_forward_length: gguf.uint32(moe?.moe_intermediate_size ?? config.intermediate_size),
    expert_shared_count: gguf.uint32(moe?.n_shared_experts ?? 0),
    ...(moe && expertValues(moe)),
    vocab_size: gguf.uint32(config.vocab_size),
  }
}

/** llama.cpp's numbers for `expert_gating_func`. */
const gating = { softmax: 1, sigmoid: 2 } as const

const expertValues = (moe: MoeConfig): Readonly<Record<string, GgufValue>> => ({
  expert_count: gguf.uint32(moe.n_routed_experts),
  expert_used_count: gguf.uint32(moe.num_experts_per_tok),
  expert_gating_func: gguf.uint32(gating[moe.scoring_func]),
  expert_weights_scale: gguf.float32(moe.routed_scaling_factor),
  expert_weights_norm: gguf.bool(moe.norm_topk_prob),
  ...(limitsGroups(moe) && {
    expert_group_count: gguf.uint32(moe.n_group),
    expert_group_used_count: gguf.uint32(moe.topk_group),
  }),
})

/**
 * kv_b_proj [h · (p + w), c] as [h, c, p], each head's half for keys turned round, and [h, w, c], its half for values; h heads,
 * p width without positions, w value width, c latent.
 */
function keysAndValues(prefix: string, { values }: HostTensor, config: DeepSeekConfig): UntypedTensor[] {
  const { num_attention_heads: h, kv_lora_rank: c, qk_nope_head_dim: p, v_head_dim: w } = config
  const keys = (): Float32Array => {
    const out = new Float32Array(h * c * p)
    for (let head = 0; head < h; head += 1)
      for (let row = 0; row < p; row += 1) {
        const source = (head * (p + w) + row) * c
        for (let column = 0; column < c; column += 1)
          out[(head * c + column) * p + row] = values[source + column]!
      }
    return out
  }
  const valuesOfHeads = (): Float32Array => {
    const out = new Float32Array(h * w * c)
    for (let head = 0; head < h; head += 1) {
      const source = (head * (p + w) + p) * c
      out.set(values.subarray(source, source + w * c), head * w * c)
    }
    return out
  }
  return [
    { name: `${prefix}attn_k_b.weight`, shape: [h, c, p], data: keys },
    { name: `${prefix}attn_v_b.weight`, shape: [h, w, c], data: valuesOfHeads },
  ]
}

/** [experts, ...] of tensors of one shape. */
export function stacked(name: string, experts: readonly HostTensor[]): UntypedTensor {
  const { shape, values } = experts[0]!
  const data = (): Float32Array => {
    const out = new Float32Array(experts.length * values.length)
    for (const [index, expert] of experts.entries()) out.set(expert.values, index * values.length)
    return out
  }
  return { name, shape: [experts.length, ...shape], data }
}
