/**
 * How each parameter of a divided model is sharded, by checkpoint name; used by initialisation, checkpoints, gradients and norms.
 * Needs no libtorch.
 */

import { isDeepSeekConfig, type ModelConfig } from '../model-config.ts'
import { type Layout, localExperts } from './shard.ts'

export interface Cut {
  /** Each rank of the tensor group has an equal part along this dimension; undefined: the whole. */
  readonly dim: 0 | 1 | undefined
  /** The only member of the expert group that has it; undefined: all have. */
  readonly owner: number | undefined
}

/** Column-parallel and row-parallel modules. */
const byOutput = /(^|\.)(q_proj|k_proj|v_proj|q_b_proj|kv_b_proj|gate_proj|up_proj|embed_tokens|lm_head)\./
const byInput = /(^|\.)(o_proj|down_proj)\./
const expert = /\.experts\.(\d+)\./

/**
 * Number of experts in each mixture of a model.
 *
 * @internal
 */
export const expertsOf = (config: ModelConfig): number =>
  isDeepSeekConfig(config) ? (config.moe?.n_routed_experts ?? 0) : 0

/**
 * `name` may have a prefix, as in optimizer state; `experts` from `expertsOf`.
 *
 * @internal
 */
export function shardOf(name: string, experts: number, { tensor, expert: group }: Layout): Cut {
  const index = expert.exec(name)?.[1]
  return {
    dim: tensor.size === 1 ? undefined : dimension(name),
    owner:
      index === undefined || group.size === 1
        ? undefined
        : Math.floor(Number(index) / localExperts(experts, group).count),
  }
}

function dimension(name: string): 0 | 1 | undefined {
  const adapterOut = name.endsWith('.lora_B.weight')
  const adapterIn = name.endsWith('.lora_A.weight')
  if (byOutput.test(name)) return adapterIn ? undefined : 0
  if (byInput.test(name)) return adapterOut || name.endsWith('.bias') ? undefined : 1
  return undefined
}

/**
 * Whether each rank of the tensor group has only a partial gradient of a replicated parameter: inside half layers and at the head
 * because each rank sees its own heads, columns or vocabulary shard; between them because each sees its own part of the sequence.
 * Heads on the hidden states (`score`) see everything.
 */
export const isPartial = (name: string, { dim }: Cut, sequence: boolean): boolean =>
  dim === undefined &&
  (/(^|\.)(self_attn|mlp|lm_head)\./.test(name) || (sequence && !name.startsWith('score.')))
