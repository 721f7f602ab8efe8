/** The config.json of three published models, as far as they concern the model. */

const yarn = {
  type: 'yarn',
  factor: 40,
  original_max_position_embeddings: 4096,
  beta_fast: 32,
  beta_slow: 1,
}

const common = {
  max_position_embeddings: 163840,
  rms_norm_eps: 1e-6,
  rope_theta: 10000,
  tie_word_embeddings: false,
  attention_bias: false,
  hidden_act: 'silu',
  kv_lora_rank: 512,
  qk_nope_head_dim: 128,
  qk_rope_head_dim: 64,
  v_head_dim: 128,
  moe_layer_freq: 1,
}

export const v2Lite = {
  ...common,
  model_type: 'deepseek_v2',
  vocab_size: 102400,
  hidden_size: 2048,
  intermediate_size: 10944,
  moe_intermediate_size: 1408,
  num_hidden_layers: 27,
  num_attention_heads: 16,
  q_lora_rank: null,
  n_routed_experts: 64,
  n_shared_experts: 2,
  num_experts_per_tok: 6,
  first_k_dense_replace: 1,
  scoring_func: 'softmax',
  topk_method: 'greedy',
  n_group: 1,
  topk_group: 1,
  norm_topk_prob: false,
  routed_scaling_factor: 1,
  // biome-ignore lint/suspicious/noApproximativeNumericConstant: the file says so.
  rope_scaling: { ...yarn, mscale: 0.707, mscale_all_dim: 0.707 },
}

export const v2 = {
  ...v2Lite,
  hidden_size: 5120,
  intermediate_size: 12288,
  moe_intermediate_size: 1536,
  num_hidden_layers: 60,
  num_attention_heads: 128,
  q_lora_rank: 1536,
  n_routed_experts: 160,
  topk_method: 'group_limited_greedy',
  n_group: 8,
  topk_group: 3,
  routed_scaling_factor: 16,
}

export const v3 = {
  ...common,
  model_type: 'deepseek_v3',
  vocab_size: 129280,
  hidden_size: 7168,
  intermediate_size: 18432,
  moe_intermediate_size: 2048,
  num_hidden_layers: 61,
  num_attention_heads: 128,
  q_lora_rank: 1536,
  n_routed_experts: 256,
  n_shared_experts: 1,
  num_experts_per_tok: 8,
  first_k_dense_replace: 3,
  scoring_func: 'sigmoid',
  topk_method: 'noaux_tc',
  n_group: 8,
  topk_group: 4,
  norm_topk_prob: true,
  routed_scaling_factor: 2.5,
  rope_scaling: { ...yarn, mscale: 1, mscale_all_dim: 1 },
}
