/**
 * Expert selection and weighting per token: DeepSeek-V2 (arXiv:2405.04434, 2.1.2) and V3 (arXiv:2412.19437, 2.1.2).
 *
 * Shapes: n tokens, d hidden, e routed experts, g groups, k experts a token.
 */

import { type DType, noGrad, type Tensor, torch } from '@hadal/tensor'
import { Module } from '../module.ts'
import { parameter } from '../parameter.ts'
import type { RouterConfig } from './config.ts'

export interface Routes {
  /** int64 [n, k], each row's experts are distinct. */
  readonly experts_nk: Tensor
  /** fp32 [n, k]. */
  readonly weights_nk: Tensor
}

/**
 * Selects each token's experts and their weights.
 *
 * @example
 * ```ts
 * import { Router } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const router = new Router(32, { n_routed_experts: 4, num_experts_per_tok: 2, scoring_func: 'softmax', topk_method: 'greedy', n_group: 1, topk_group: 1, norm_topk_prob: true, routed_scaling_factor: 1 }, 'float32')
 * router.forward(torch.randn([5, 32])).experts_nk.shape // → [ 5, 2 ]
 * ```
 */
export class Router extends Module {
  readonly weight: Tensor
  /**
   * [e], fp32 at any model dtype: the trainer raises it for underloaded experts and lowers it for overloaded ones. Affects
   * selection, not weights.
   */
  readonly eScoreCorrectionBias: Tensor | undefined
  readonly #config: RouterConfig

  constructor(hidden: number, config: RouterConfig, dtype: DType) {
    super()
    this.#config = config
    this.weight = parameter([config.n_routed_experts, hidden], dtype)
    this.eScoreCorrectionBias =
      config.topk_method === 'noaux_tc' ? parameter([config.n_routed_experts], 'float32') : undefined
  }

  /** [n, d] in any dtype; scores are fp32, for near ties are common. */
  forward(x_nd: Tensor): Routes {
    const { scoring_func, norm_topk_prob, routed_scaling_factor } = this.#config
    const logits_ne = torch.linear(x_nd.float(), this.weight.float())
    const scores_ne = scoring_func === 'softmax' ? logits_ne.softmax(-1) : logits_ne.sigmoid()
    const bias_e = this.eScoreCorrectionBias
    const experts_nk = noGrad(() => chooseExperts(bias_e ? scores_ne.add(bias_e) : scores_ne, this.#config))
    // Adding 0 · bias gives the bias a zero gradient, so that it behaves like any parameter, but optimizers leave it unchanged.
    const weighed_ne = bias_e ? scores_ne.add(bias_e.mul(0)) : scores_ne
    const chosen_nk = weighed_ne.gather(1, experts_nk)
    const weights_nk = norm_topk_prob ? chosen_nk.div(chosen_nk.sum(-1, true).add(1e-20)) : chosen_nk
    return { experts_nk, weights_nk: weights_nk.mul(routed_scaling_factor) }
  }
}

/** The k best of [n, e] that may be chosen, as int64 [n, k], best first. */
function chooseExperts(scores_ne: Tensor, config: RouterConfig): Tensor {
  const { num_experts_per_tok, topk_method, n_group, topk_group } = config
  if (topk_method === 'greedy') return scores_ne.topk(num_experts_per_tok)[1]
  const members_nge = scores_ne.unflatten(1, [n_group, -1])
  const scores_ng = topk_method === 'noaux_tc' ? members_nge.topk(2, -1)[0].sum(-1) : members_nge.amax(-1)
  const groups = scores_ng.topk(topk_group)[1]
  const closed_ng = torch.ones(scores_ng.shape, { dtype: 'bool' }).scatter(1, groups, 0)
  const open_nge = members_nge.maskedFill(closed_ng.unsqueeze(-1), Number.NEGATIVE_INFINITY)
  return open_nge.flatten(1).topk(num_experts_per_tok)[1]
}
