/** The parameter count of a DeepSeek model, from its configuration. */

import { type DeepSeekConfig, hasExperts } from './config.ts'

export interface ParameterCount {
  /** Numbers in the checkpoint; a tied head counts once. */
  readonly total: number
  /** Parameters activated per token: with its selected experts only. */
  readonly activated: number
}

/** @internal */
export function deepSeekParameterCount(config: DeepSeekConfig): ParameterCount {
  const { hidden_size: d, vocab_size, num_hidden_layers, intermediate_size, moe } = config
  const embeddings = (config.tie_word_embeddings ? 1 : 2) * vocab_size * d
  let total = embeddings + d
  let activated = total
  for (let layer = 0; layer < num_hidden_layers; layer += 1) {
    const common = attentionParameters(config) + 2 * d
    total += common
    activated += common
    if (moe && hasExperts(moe, layer)) {
      const expert = 3 * d * moe.moe_intermediate_size
      const router = moe.n_routed_experts * (d + (moe.topk_method === 'noaux_tc' ? 1 : 0))
      total += router + (moe.n_routed_experts + moe.n_shared_experts) * expert
      activated += router + (moe.num_experts_per_tok + moe.n_shared_experts) * expert
    } else {
      total += 3 * d * intermediate_size
      activated += 3 * d * intermediate_size
    }
  }
  return { total, activated }
}

function attentionParameters(config: DeepSeekConfig): number {
  const { hidden_size: d, num_attention_heads: h, q_lora_rank: q, kv_lora_rank: c } = config
  const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w, attention_bias } = config
  const queries = q === null ? d * h * (p + r) : d * q + q + q * h * (p + r)
  const keysAndValues = d * (c + r) + c + c * h * (p + w)
  const biases = attention_bias ? (q ?? 0) + c + r + d : 0
  return queries + keysAndValues + h * w * d + biases
}
