/**
 * The floating-point operations that training on one token takes, from a model's shape alone: what a utilization is measured with.
 *
 * Counted as in PaLM (Chowdhery et al. 2022, arXiv:2204.02311, appendix B): forward and backward together are 6 for each weight
 * that a token is multiplied with, and 12 · layers · heads · head width · window for attention. That is the whole square of scores,
 * though a causal mask halves it; so do published utilizations, and torch.utils.flop_counter. Looking up embeddings, norms,
 * biases, softmax and what is computed twice to save memory count nothing.
 */

import { type DecoderConfig, headDim } from './decoder-config.ts'
import { type DeepSeekConfig, hasExperts } from './deepseek/config.ts'
import { isDeepSeekConfig, type ModelConfig } from './model-config.ts'

/**
 * In windows of `windowLength` tokens. Of routed experts, those a token is given to count.
 *
 * @example
 * ```ts
 * import { trainingFlopsPerToken } from '@hadal/nn'
 *
 * const config = { vocab_size: 64, hidden_size: 32, intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2, max_position_embeddings: 64, rms_norm_eps: 1e-5, rope_theta: 10_000, tie_word_embeddings: true }
 * trainingFlopsPerToken(config, 64) // → 172032
 * ```
 */
export function trainingFlopsPerToken(config: ModelConfig, windowLength: number): number {
  const { weights, scoreWidth } = isDeepSeekConfig(config) ? deepSeekWork(config) : decoderWork(config)
  return 6 * (weights + config.vocab_size * config.hidden_size) + 6 * scoreWidth * windowLength
}

interface Work {
  /** Weights of the layers that a token is multiplied with. */
  readonly weights: number
  /** Summed over layers and heads: the width of a query and that of a value. */
  readonly scoreWidth: number
}

function decoderWork(config: DecoderConfig): Work {
  const { hidden_size: d, num_hidden_layers, num_attention_heads: h, num_key_value_heads: k } = config
  const e = headDim(config)
  const attention = 2 * d * h * e + 2 * d * k * e
  return {
    weights: num_hidden_layers * (attention + 3 * d * config.intermediate_size),
    scoreWidth: num_hidden_layers * h * 2 * e,
  }
}

function deepSeekWork(config: DeepSeekConfig): Work {
  const { hidden_size: d, num_hidden_layers, num_attention_heads: h, moe } = config
  const { q_lora_rank: q, kv_lora_rank: c } = config
  const { qk_nope_head_dim: p, qk_rope_head_dim: r, v_head_dim: w } = config
  const queries = q === null ? d * h * (p + r) : d * q + q * h * (p + r)
  const attention = queries + d * (c + r) + c * h * (p + w) + h * w * d
  let weights = num_hidden_layers * attention
  for (let layer = 0; layer < num_hidden_layers; layer += 1)
    weights +=
      moe && hasExperts(moe, layer)
        ? d * moe.n_routed_experts +
          (moe.num_experts_per_tok + moe.n_shared_experts) * 3 * d * moe.moe_intermediate_size
        : 3 * d * config.intermediate_size
  return { weights, scoreWidth: num_hidden_layers * h * (p + r + w) }
}
