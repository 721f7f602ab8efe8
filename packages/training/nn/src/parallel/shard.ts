/**
 * A rank's position in the tensor and expert groups (Shoeybi et al. 2019, arXiv:1909.08053), and its part of each layer. Needs no
 * libtorch.
 */

import { type DecoderConfig, headDim } from '../decoder-config.ts'
import { isDeepSeekConfig, type ModelConfig } from '../model-config.ts'

/** One of the members of a group; a `ProcessGroup` is one. */
export interface Place {
  readonly rank: number
  readonly size: number
}

export interface Layout {
  /** Divides every layer: heads, intermediate widths, vocabulary. Its members read the same tokens. */
  readonly tensor: Place
  /** Divides the experts of a mixture. Its members read different tokens. */
  readonly expert: Place
}

const alone: Place = { rank: 0, size: 1 }

/**
 * The same model with a rank's share of heads, intermediate widths and vocabulary. To be free of `layoutIssues`.
 *
 * @internal
 */
export function localConfig<Config extends ModelConfig>(config: Config, { size }: Place = alone): Config {
  if (size === 1) return config
  const shares = {
    vocab_size: config.vocab_size / size,
    intermediate_size: config.intermediate_size / size,
    num_attention_heads: config.num_attention_heads / size,
  }
  if (!isDeepSeekConfig(config)) {
    const { num_key_value_heads } = config as DecoderConfig
    return {
      ...config,
      ...shares,
      num_key_value_heads: num_key_value_heads / size,
      head_dim: headDim(config),
    }
  }
  const { moe } = config
  const moe_intermediate_size = moe && moe.moe_intermediate_size / size
  return { ...config, ...shares, moe: moe && { ...moe, moe_intermediate_size } }
}

/** The experts that a member of the expert group holds: from `first`, `count` of them. */
export function localExperts(experts: number, { rank, size }: Place): { first: number; count: number } {
  const count = experts / size
  return { first: rank * count, count }
}

/**
 * Dimensions of a model that a layout's sizes do not divide; each issue is a sentence that includes the value.
 *
 * @internal
 */
export function layoutIssues(
  config: ModelConfig,
  layout: { readonly tensor: number; readonly expert: number },
): string[] {
  const { tensor, expert } = layout
  const issues: string[] = []
  const divides = (name: string, value: number, by: number, what: string): void => {
    if (value % by !== 0) issues.push(`${name} ${value} does not divide by ${what} ${by}`)
  }
  const byTensor = (name: string, value: number): void => divides(name, value, tensor, 'parallel.tensor')
  byTensor('vocab_size', config.vocab_size)
  byTensor('intermediate_size', config.intermediate_size)
  byTensor('num_attention_heads', config.num_attention_heads)
  if (!isDeepSeekConfig(config)) byTensor('num_key_value_heads', config.num_key_value_heads)
  else if (config.attention_bias && tensor > 1)
    issues.push('attention_bias is true; parallel.tensor divides only projections without it')
  const moe = isDeepSeekConfig(config) ? config.moe : null
  if (moe) {
    byTensor('moe_intermediate_size', moe.moe_intermediate_size)
    divides('n_routed_experts', moe.n_routed_experts, expert, 'parallel.expert')
  } else if (expert > 1)
    issues.push(`n_routed_experts is missing, and parallel.expert ${expert} has nothing to divide`)
  return issues
}
