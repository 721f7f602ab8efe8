/**
 * DeepSeekMoE (Dai et al. 2024, arXiv:2401.06066): a few of many small experts for each token, and shared experts for all.
 * No token is ever dropped.
 *
 * Shapes: n tokens, d hidden, k experts a token, m = n · k assignments of a token to an expert.
 */

import type { DType, ProcessGroup, Tensor } from '@hadal/tensor'
import { SwiGlu } from '../layers.ts'
import { Module } from '../module.ts'
import { throughExperts } from '../parallel/exchange-tokens.ts'
import { localExperts } from '../parallel/shard.ts'
import type { MoeConfig } from './config.ts'
import { Router, type Routes } from './router.ts'

/**
 * A layer of experts, of which each token gets a few.
 *
 * @example
 * ```ts
 * import { MixtureOfExperts } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const moe = new MixtureOfExperts(32, { moe_intermediate_size: 16, n_shared_experts: 1, first_k_dense_replace: 0, moe_layer_freq: 1, n_routed_experts: 4, num_experts_per_tok: 2, scoring_func: 'softmax', topk_method: 'greedy', n_group: 1, topk_group: 1, norm_topk_prob: false, routed_scaling_factor: 1 }, 'float32')
 * const y_btd = moe.forward(torch.randn([1, 3, 32])) // [1, 3, 32]
 * ```
 */
export class MixtureOfExperts extends Module {
  readonly gate: Router
  /** By index; undefined if another rank has them. */
  readonly experts: readonly (SwiGlu | undefined)[]
  /** All shared experts as one, side by side; undefined if there are none. */
  readonly sharedExperts: SwiGlu | undefined
  readonly #group: ProcessGroup | undefined

  /** Divides the experts over `group`, if given. */
  constructor(hidden: number, config: MoeConfig, dtype: DType, group?: ProcessGroup) {
    super()
    const { n_routed_experts, n_shared_experts, moe_intermediate_size } = config
    const { first, count } = localExperts(n_routed_experts, group ?? { rank: 0, size: 1 })
    this.#group = group
    this.gate = new Router(hidden, config, dtype)
    this.experts = Array.from({ length: n_routed_experts }, (_, expert) =>
      expert >= first && expert < first + count
        ? new SwiGlu(hidden, moe_intermediate_size, dtype)
        : undefined,
    )
    this.sharedExperts =
      n_shared_experts === 0 ? undefined : new SwiGlu(hidden, n_shared_experts * moe_intermediate_size, dtype)
  }

  /** [..., d] to [..., d]. `onLoad` receives the number of tokens routed to each expert. */
  forward(x: Tensor, onLoad?: (tokensOfExpert: readonly number[]) => void): Tensor {
    const x_nd = x.flatten(0, -2)
    const routes = this.gate.forward(x_nd)
    const tokensOfExpert = routes.experts_nk
      .flatten()
      .bincount({ minlength: this.experts.length })
      .toArray() as number[]
    onLoad?.(tokensOfExpert)
    const routed = this.#routed(x_nd, routes, tokensOfExpert).view(x.shape)
    return this.sharedExperts ? routed.add(this.sharedExperts.forward(x)) : routed
  }

  #routed(x_nd: Tensor, { experts_nk, weights_nk }: Routes, tokensOfExpert: readonly number[]): Tensor {
    const [n, k] = experts_nk.shape as [number, number]
    const byExpert_m = experts_nk.flatten().argsort({ stable: true })
    const tokens_m = byExpert_m.floorDivide(k)
    const x_md = x_nd.indexSelect(0, tokens_m)
    const y_md = throughExperts(x_md, tokensOfExpert, this.#group, (expert, part) =>
      this.experts[expert]!.forward(part),
    )
    const y_nkd = y_md.indexSelect(0, byExpert_m.argsort()).view([n, k, -1])
    return weights_nk.unsqueeze(1).matmul(y_nkd.float()).squeeze(1).to(x_nd.dtype)
  }
}
