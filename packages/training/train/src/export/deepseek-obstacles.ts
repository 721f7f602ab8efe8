/** DeepSeek features that llama.cpp's `deepseek2` does not support or computes differently. */

import { type DeepSeekConfig, hasExperts, type MoeConfig } from '@hadal/nn'

/** llama.cpp norms the latents with rms_norm_eps, the models with this. */
const latentEps = 1e-6

/** Hard-coded in llama.cpp for `deepseek2`, regardless of the file. */
const yarnBetas = { beta_fast: 32, beta_slow: 1 } as const

const maxExperts = 1024

/** One sentence per obstacle; empty if there is none. */
export function deepSeekObstacles(config: DeepSeekConfig): string[] {
  const { rms_norm_eps, attention_bias, rope_scaling, moe } = config
  const found: string[] = []
  if (rms_norm_eps !== latentEps)
    found.push(
      `rms_norm_eps ${rms_norm_eps} (the norms of the latents have ${latentEps}, and GGUF has one for all)`,
    )
  if (attention_bias) found.push('attention_bias true')
  if (config.q_lora_rank !== null && countsAsLite(config))
    found.push(
      `q_lora_rank ${config.q_lora_rank} in a model of ${config.num_hidden_layers} layers (llama.cpp assumes none for this size)`,
    )
  if (rope_scaling)
    for (const key of ['beta_fast', 'beta_slow'] as const)
      if (rope_scaling[key] !== yarnBetas[key])
        found.push(`rope_scaling.${key} ${rope_scaling[key]} (llama.cpp has ${yarnBetas[key]})`)
  if (moe) found.push(...expertObstacles(config, moe))
  return found
}

function expertObstacles(config: DeepSeekConfig, moe: MoeConfig): string[] {
  const found: string[] = []
  if (moe.n_shared_experts === 0) found.push('n_shared_experts 0')
  if (moe.n_routed_experts > maxExperts)
    found.push(`n_routed_experts ${moe.n_routed_experts} (above ${maxExperts})`)
  if (moe.topk_method === 'group_limited_greedy' && limitsGroups(moe))
    found.push('topk_method group_limited_greedy (llama.cpp compares groups by their two best experts)')
  const dense = leadingDense(config)
  for (let index = dense; index < config.num_hidden_layers; index += 1)
    if (!hasExperts(moe, index)) {
      found.push(`moe_layer_freq ${moe.moe_layer_freq} (layer ${index} is dense and layer ${dense} is not)`)
      break
    }
  return found
}

/** Number of layers before the first one with experts. */
export function leadingDense({ moe, num_hidden_layers }: DeepSeekConfig): number {
  let index = 0
  while (index < num_hidden_layers && !(moe && hasExperts(moe, index))) index += 1
  return index
}

/** Whether group-limited routing excludes some experts for a token. */
export const limitsGroups = ({ topk_method, n_group, topk_group }: MoeConfig): boolean =>
  topk_method !== 'greedy' && topk_group < n_group

/** llama.cpp's criterion for DeepSeek-V2-Lite and similar models, whose queries have no latent. */
const countsAsLite = ({ num_hidden_layers: layers, vocab_size }: DeepSeekConfig): boolean =>
  layers === 26 || layers === 27 || (layers === 48 && vocab_size === 128_256)
