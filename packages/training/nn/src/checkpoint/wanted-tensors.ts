/**
 * Name and shape of every parameter of a model, from its configuration: a checkpoint is validated before memory is allocated. In
 * the order of the model's `parameters()`. Lazy, because a configuration can specify more than can be listed.
 */

import { type DecoderConfig, headDim } from '../decoder-config.ts'
import { type DeepSeekConfig, hasExperts, type MoeConfig } from '../deepseek/config.ts'
import { isDeepSeekConfig, type ModelConfig } from '../model-config.ts'

export interface WantedTensor {
  readonly name: string
  readonly shape: readonly number[]
  /** The model keeps it in fp32, whatever dtype it computes in. */
  readonly alwaysFloat32?: boolean
}

/** A tensor of a model that has running statistics besides its parameters. */
export interface StateTensor extends WantedTensor {
  /** Running statistics, which are no parameters. */
  readonly isBuffer?: true
}

type Wanted = Generator<WantedTensor, void>

/** @internal */
export function* wantedTensors(config: ModelConfig): Wanted {
  const { vocab_size, hidden_size: d, num_hidden_layers, tie_word_embeddings } = config
  yield { name: 'model.embed_tokens.weight', shape: [vocab_size, d] }
  for (let index = 0; index < num_hidden_layers; index += 1) {
    const layer = `model.layers.${index}`
    if (!isDeepSeekConfig(config)) {
      yield* attention(`${layer}.self_attn`, config)
      yield* swiGlu(`${layer}.mlp`, d, config.intermediate_size)
    } else {
      yield* latentAttention(`${layer}.self_attn`, config)
      const { moe } = config
      if (moe && hasExperts(moe, index)) yield* mixture(`${layer}.mlp`, d, moe)
      else yield* swiGlu(`${layer}.mlp`, d, config.intermediate_size)
    }
    yield { name: `${layer}.input_layernorm.weight`, shape: [d] }
    yield { name: `${layer}.post_attention_layernorm.weight`, shape: [d] }
  }
  yield { name: 'model.norm.weight', shape: [d] }
  if (!tie_word_embeddings) yield { name: 'lm_head.weight', shape: [vocab_size, d] }
}

function* linear(name: string, inputs: number, outputs: number, bias = false): Wanted {
  yield { name: `${name}.weight`, shape: [outputs, inputs] }
  if (bias) yield { name: `${name}.bias`, shape: [outputs] }
}

function* attention(name: string, config: DecoderConfig): Wanted {
  const { hidden_size: d, num_attention_heads, num_key_value_heads, model_type } = config
  const e = headDim(config)
  const bias = model_type === 'qwen2'
  yield* linear(`${name}.q_proj`, d, num_attention_heads * e, bias)
  yield* linear(`${name}.k_proj`, d, num_key_value_heads * e, bias)
  yield* linear(`${name}.v_proj`, d, num_key_value_heads * e, bias)
  yield* linear(`${name}.o_proj`, num_attention_heads * e, d)
  if (model_type !== 'qwen3') return
  yield { name: `${name}.q_norm.weight`, shape: [e] }
  yield { name: `${name}.k_norm.weight`, shape: [e] }
}

function* latentAttention(name: string, config: DeepSeekConfig): Wanted {
  const { hidden_size: d, num_attention_heads: h, q_lora_rank, kv_lora_rank: c, attention_bias } = config
  const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = config
  if (q_lora_rank === null) {
    yield* linear(`${name}.q_proj`, d, h * (p + r))
  } else {
    yield* linear(`${name}.q_a_proj`, d, q_lora_rank, attention_bias)
    yield { name: `${name}.q_a_layernorm.weight`, shape: [q_lora_rank] }
    yield* linear(`${name}.q_b_proj`, q_lora_rank, h * (p + r))
  }
  yield* linear(`${name}.kv_a_proj_with_mqa`, d, c + r, attention_bias)
  yield { name: `${name}.kv_a_layernorm.weight`, shape: [c] }
  yield* linear(`${name}.kv_b_proj`, c, h * (p + w))
  yield* linear(`${name}.o_proj`, h * w, d, attention_bias)
}

function* swiGlu(name: string, d: number, width: number): Wanted {
  yield* linear(`${name}.gate_proj`, d, width)
  yield* linear(`${name}.up_proj`, d, width)
  yield* linear(`${name}.down_proj`, width, d)
}

function* mixture(name: string, d: number, moe: MoeConfig): Wanted {
  const { n_routed_experts, n_shared_experts, moe_intermediate_size } = moe
  yield { name: `${name}.gate.weight`, shape: [n_routed_experts, d] }
  if (moe.topk_method === 'noaux_tc')
    yield { name: `${name}.gate.e_score_correction_bias`, shape: [n_routed_experts], alwaysFloat32: true }
  for (let index = 0; index < n_routed_experts; index += 1)
    yield* swiGlu(`${name}.experts.${index}`, d, moe_intermediate_size)
  if (n_shared_experts > 0)
    yield* swiGlu(`${name}.shared_experts`, d, n_shared_experts * moe_intermediate_size)
}
