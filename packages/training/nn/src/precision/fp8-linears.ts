/**
 * The linear layers of a model in 8-bit floats (Micikevicius et al. 2022, arXiv:2209.05433), with delayed scaling by the recipe of
 * NVIDIA's Transformer Engine: what a tensor is multiplied with before it is rounded comes from the largest magnitudes of the last
 * steps, and is settled between steps.
 *
 * Shapes: s steps remembered, k three tensors (input, weight, gradient) for each layer.
 */

import { fp8Largest, fp8Linear, noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { Linear } from '../layers.ts'
import { type Module, namedModules } from '../module.ts'

export interface Fp8Options {
  /** Number of steps in the amax history. */
  readonly historySteps: number
  /** Number of powers of two that stay free above the largest value. */
  readonly margin: number
}

/**
 * Defaults of fp8: the largest values of `historySteps` steps determine a scale.
 *
 * @example
 * ```ts
 * import { fp8Defaults } from '@hadal/nn'
 *
 * fp8Defaults // → { historySteps: 16, margin: 0 }
 * ```
 */
export const fp8Defaults: Fp8Options = { historySteps: 16, margin: 0 }

/**
 * The matrix products of a model in fp8, with scales that follow what was seen.
 *
 * @example
 * ```ts
 * import { Fp8Linears, Linear } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(64, 64, 'bfloat16')
 * const fp8 = new Fp8Linears(model)
 * model.forward(torch.randn([16, 64], { dtype: 'bfloat16' }))
 * fp8.update() // once a step
 * ```
 */
export class Fp8Linears {
  readonly #options: Fp8Options
  readonly #history_sk: Tensor
  readonly #scales_k: Tensor
  readonly #seen_k: Tensor
  readonly #largest_k: Tensor

  /**
   * From now on, every linear layer of `model` except its head computes in fp8. Weights may be of any float dtype, and frozen. The
   * first step has no history and scales each tensor on its own.
   */
  constructor(model: Module, options: Fp8Options = fp8Defaults) {
    this.#options = options
    const layers = [...namedModules(model)].flatMap(([name, module]) =>
      module instanceof Linear && name !== 'lm_head' ? module : [],
    )
    const count = 3 * layers.length
    this.#history_sk = torch.zeros([options.historySteps, count])
    this.#scales_k = torch.zeros([count])
    this.#seen_k = torch.zeros([count])
    const { e4m3, e5m2 } = fp8Largest
    this.#largest_k = torch.tensor(layers.flatMap(() => [e4m3, e4m3, e5m2]))
    layers.forEach((layer, at) => {
      const scales = this.#scales_k.narrow(0, 3 * at, 3)
      const seen = this.#seen_k.narrow(0, 3 * at, 3)
      layer.multiplyWith((x, weight) => fp8Linear(x, weight, scales, seen))
    })
  }

  /**
   * Call after a step's update. Sets the next step's scales: max / amax · 2^-margin, with amax over the remembered steps. Several
   * passes of a step and recomputed ones count once, because their maximum is taken. `agree` may raise the observed values to those
   * of other processes.
   */
  update(agree?: (seen: Tensor) => void): void {
    agree?.(this.#seen_k)
    const { historySteps, margin } = this.#options
    scope(() =>
      noGrad(() => {
        const last_k = torch.where(this.#seen_k.isfinite(), this.#seen_k, 0)
        const before_sk = this.#history_sk.narrow(0, 0, historySteps - 1)
        this.#history_sk.copy_(torch.cat([last_k.unsqueeze(0), before_sk]))
        const amax_k = this.#history_sk.amax(0)
        const scales_k = this.#largest_k
          .div(amax_k)
          .mul(2 ** -margin)
          .clamp({ max: largestFloat })
        this.#scales_k.copy_(torch.where(amax_k.gt(0), scales_k, this.#scales_k))
        this.#seen_k.zero_()
      }),
    )
  }

  /** Instead of `update`, when a step was given up. */
  forget(): void {
    this.#seen_k.zero_()
  }

  /** The live state by name; the scales of later steps depend on nothing else between steps. */
  state(): Map<string, Tensor> {
    return new Map([
      ['history', this.#history_sk],
      ['scales', this.#scales_k],
    ])
  }
}

const largestFloat = 3.402_823_466_385_288_6e38
