/**
 * Configuration of a DeepSeek-V2 or V3 model: reads a Hugging Face config.json and reports every issue. Widths have no defaults.
 * Missing switches have the defaults of the published code.
 */

import { ConfigReader, withRopeAsBefore } from '../config-reader.ts'
import { invalidModelConfig } from '../errors.ts'
import type { YarnScaling } from './yarn.ts'

/** Scoring, selection and weighting of the router. */
export interface RouterConfig {
  readonly n_routed_experts: number
  readonly num_experts_per_tok: number
  /** V2 compares experts by softmax, V3 by sigmoid. */
  readonly scoring_func: 'softmax' | 'sigmoid'
  /**
   * `greedy`: the best experts. `group_limited_greedy` (V2): only from the groups with the best expert. `noaux_tc` (V3): only
   * from the groups with the best sum of their two best experts, with a correction bias on every score.
   */
  readonly topk_method: 'greedy' | 'group_limited_greedy' | 'noaux_tc'
  readonly n_group: number
  readonly topk_group: number
  /** Weights of a token's experts are divided by their sum. */
  readonly norm_topk_prob: boolean
  readonly routed_scaling_factor: number
}

export interface MoeConfig extends RouterConfig {
  /** Width of one expert's SwiGLU. */
  readonly moe_intermediate_size: number
  /** Experts that see every token; 0 for none. */
  readonly n_shared_experts: number
  /** Layers before this one are dense. */
  readonly first_k_dense_replace: number
  /** Among the remaining layers, those with an index divisible by this have experts. */
  readonly moe_layer_freq: number
}

export interface DeepSeekConfig {
  readonly model_type: 'deepseek_v2' | 'deepseek_v3'
  readonly vocab_size: number
  readonly hidden_size: number
  /** Width of a dense layer's SwiGLU. */
  readonly intermediate_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  /** Longest sequence, in tokens. */
  readonly max_position_embeddings: number
  readonly rms_norm_eps: number
  readonly tie_word_embeddings: boolean
  readonly rope_theta: number
  readonly rope_scaling: YarnScaling | null
  /** Biases on the projections into the latents and on the output projection. */
  readonly attention_bias: boolean
  /** Width of the queries' latent; null where queries are projected directly (V2-Lite). */
  readonly q_lora_rank: number | null
  /** Width of the latent that keys and values share. */
  readonly kv_lora_rank: number
  /** Width of a head's part without positions. */
  readonly qk_nope_head_dim: number
  /** Width of the rotary part; all heads share its key. */
  readonly qk_rope_head_dim: number
  readonly v_head_dim: number
  /** null for a model without experts. */
  readonly moe: MoeConfig | null
}

/**
 * Reads a parsed config.json; throws `nn_invalid_model_config` with every issue.
 *
 * @internal
 */
export function readDeepSeekConfig(json: unknown): DeepSeekConfig {
  const { config, issues } = parse(json)
  if (issues.length > 0) throw invalidModelConfig(issues)
  return config
}

/** Every issue of a hand-written configuration; empty if a model can be built from it. */
export const deepSeekConfigIssues = (config: DeepSeekConfig): readonly string[] =>
  parse(deepSeekConfigJson(config)).issues

/**
 * The flat form of a config.json, as read by `readDeepSeekConfig`.
 *
 * @internal
 */
export function deepSeekConfigJson({
  moe,
  rope_scaling,
  ...config
}: DeepSeekConfig): Readonly<Record<string, unknown>> {
  return { ...config, ...moe, rope_scaling: rope_scaling && { rope_type: 'yarn', ...rope_scaling } }
}

function parse(json: unknown): { config: DeepSeekConfig; issues: readonly string[] } {
  const read = new ConfigReader(withRopeAsBefore(json))
  const model_type = read.oneOf('model_type', ['deepseek_v2', 'deepseek_v3'])
  const config: DeepSeekConfig = {
    model_type,
    vocab_size: read.count('vocab_size'),
    hidden_size: read.count('hidden_size'),
    intermediate_size: read.count('intermediate_size'),
    num_hidden_layers: read.count('num_hidden_layers'),
    num_attention_heads: read.count('num_attention_heads'),
    max_position_embeddings: read.count('max_position_embeddings'),
    rms_norm_eps: read.positive('rms_norm_eps', 1e-6),
    tie_word_embeddings: read.flag('tie_word_embeddings', false),
    rope_theta: read.positive('rope_theta', 10_000),
    rope_scaling: readYarn(read),
    attention_bias: read.flag('attention_bias', false),
    q_lora_rank: read.count('q_lora_rank', { absent: null }),
    kv_lora_rank: read.count('kv_lora_rank'),
    qk_nope_head_dim: read.count('qk_nope_head_dim'),
    qk_rope_head_dim: read.count('qk_rope_head_dim'),
    v_head_dim: read.count('v_head_dim'),
    moe: read.raw('n_routed_experts') === undefined ? null : readMoe(read, model_type === 'deepseek_v3'),
  }
  read.only('hidden_act', 'silu')
  read.only('rope_interleave', true)
  read.only('mlp_bias', false)
  return { config, issues: read.issues.length > 0 ? read.issues : contradictions(config) }
}

function readYarn(outer: ConfigReader): YarnScaling | null {
  const scaling = outer.raw('rope_scaling')
  if (scaling === undefined) return null
  const read = new ConfigReader(scaling, 'rope_scaling')
  // Older files use `type`, newer ones `rope_type`.
  const key = read.raw('rope_type') === undefined ? 'type' : 'rope_type'
  const yarn = read.oneOf(key, ['yarn', 'default']) === 'yarn' && {
    factor: read.positive('factor'),
    original_max_position_embeddings: read.count('original_max_position_embeddings'),
    beta_fast: read.positive('beta_fast', 32),
    beta_slow: read.positive('beta_slow', 1),
    mscale: read.nonNegative('mscale', 1),
    mscale_all_dim: read.nonNegative('mscale_all_dim', 0),
  }
  read.only('attention_factor', null)
  outer.issues.push(...read.issues)
  return yarn || null
}

function readMoe(read: ConfigReader, v3: boolean): MoeConfig {
  return {
    n_routed_experts: read.count('n_routed_experts'),
    num_experts_per_tok: read.count('num_experts_per_tok'),
    scoring_func: read.oneOf('scoring_func', ['softmax', 'sigmoid'], v3 ? 'sigmoid' : 'softmax'),
    topk_method: read.oneOf(
      'topk_method',
      ['greedy', 'group_limited_greedy', 'noaux_tc'],
      v3 ? 'noaux_tc' : 'greedy',
    ),
    n_group: read.count('n_group', { absent: 1 }),
    topk_group: read.count('topk_group', { absent: 1 }),
    norm_topk_prob: read.flag('norm_topk_prob', v3),
    routed_scaling_factor: read.positive('routed_scaling_factor', v3 ? 2.5 : 1),
    moe_intermediate_size: read.count('moe_intermediate_size'),
    n_shared_experts: read.count('n_shared_experts', { absent: 0, least: 0 }),
    first_k_dense_replace: read.count('first_k_dense_replace', { absent: v3 ? 3 : 0, least: 0 }),
    moe_layer_freq: read.count('moe_layer_freq', { absent: 1 }),
  }
}

/** Contradictions between individually valid values. */
function contradictions({ model_type, qk_rope_head_dim, moe }: DeepSeekConfig): string[] {
  const issues: string[] = []
  if (qk_rope_head_dim % 2 !== 0)
    issues.push(`qk_rope_head_dim is ${qk_rope_head_dim}; rotary positions need an even width`)
  if (!moe) return issues
  const { n_routed_experts, num_experts_per_tok, topk_method, n_group, topk_group } = moe
  if (model_type === 'deepseek_v2' && moe.norm_topk_prob && moe.routed_scaling_factor !== 1)
    issues.push(
      `norm_topk_prob is true and routed_scaling_factor ${moe.routed_scaling_factor}: implementations of deepseek_v2 ` +
        'disagree on whether both apply; use deepseek_v3, or a factor of 1',
    )
  if (topk_method === 'greedy') {
    if (num_experts_per_tok > n_routed_experts)
      issues.push(`num_experts_per_tok ${num_experts_per_tok} exceeds n_routed_experts ${n_routed_experts}`)
    return issues
  }
  const perGroup = n_routed_experts / n_group
  if (!Number.isInteger(perGroup))
    issues.push(`n_routed_experts ${n_routed_experts} does not divide into ${n_group} groups (n_group)`)
  if (topk_method === 'noaux_tc' && perGroup < 2)
    issues.push(`n_group ${n_group} leaves fewer than the two experts a group that noaux_tc compares`)
  if (topk_group > n_group) issues.push(`topk_group ${topk_group} exceeds n_group ${n_group}`)
  if (num_experts_per_tok > topk_group * perGroup)
    issues.push(
      `num_experts_per_tok ${num_experts_per_tok} exceeds the ${topk_group * perGroup} experts of topk_group ${topk_group} groups`,
    )
  return issues
}

/**
 * Whether layer `index` (from 0) has experts.
 *
 * @internal
 */
export const hasExperts = (moe: MoeConfig, index: number): boolean =>
  index >= moe.first_k_dense_replace && index % moe.moe_layer_freq === 0

/**
 * Whether a published checkpoint's tensor is not part of the model: V3's second prediction head, stored as layers past the last,
 * and rotary frequencies in older files.
 *
 * @internal
 */
export function isSurplusWeight(name: string, { num_hidden_layers }: DeepSeekConfig): boolean {
  const layer = /^model\.layers\.(\d+)\./.exec(name)?.[1]
  return name.endsWith('.rotary_emb.inv_freq') || Number(layer ?? -1) >= num_hidden_layers
}
