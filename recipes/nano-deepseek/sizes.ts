// The two sizes of the nano model in the architecture of DeepSeek-V3: latent attention, and a mixture of experts in all layers
// but the first. Numbers in the file are as many as in the Llama of recipes/nano; a token meets three quarters of them.

import type { DeepSeekConfig } from '@hadal/nn'
import * as llama from '../nano/sizes.ts'

const shared = {
  model_type: 'deepseek_v3',
  tie_word_embeddings: true,
  rms_norm_eps: 1e-6,
  rope_theta: 10_000,
  rope_scaling: null,
  attention_bias: false,
  q_lora_rank: null,
} as const

const routing = {
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 1,
  topk_group: 1,
  norm_topk_prob: true,
  routed_scaling_factor: 1,
  first_k_dense_replace: 1,
  moe_layer_freq: 1,
} as const

const fullModel: DeepSeekConfig = {
  ...shared,
  vocab_size: 4096,
  hidden_size: 256,
  intermediate_size: 768,
  num_hidden_layers: 6,
  num_attention_heads: 4,
  max_position_embeddings: 512,
  kv_lora_rank: 96,
  qk_nope_head_dim: 48,
  qk_rope_head_dim: 16,
  v_head_dim: 64,
  moe: {
    ...routing,
    n_routed_experts: 6,
    num_experts_per_tok: 2,
    moe_intermediate_size: 96,
    n_shared_experts: 2,
  },
}

const quickModel: DeepSeekConfig = {
  ...shared,
  vocab_size: 512,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 128,
  kv_lora_rank: 32,
  qk_nope_head_dim: 24,
  qk_rope_head_dim: 8,
  v_head_dim: 32,
  moe: {
    ...routing,
    n_routed_experts: 4,
    num_experts_per_tok: 2,
    moe_intermediate_size: 32,
    n_shared_experts: 1,
  },
}

/** Five times that of DeepSeek-V3: there are hundreds of times fewer steps to even the load in. */
const expertBalanceRate = 5e-3

export const fullSize: llama.NanoSize = { ...llama.fullSize, model: fullModel, expertBalanceRate }

export const quickSize: llama.NanoSize = { ...llama.quickSize, model: quickModel, expertBalanceRate }
