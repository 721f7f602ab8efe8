/**
 * AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) through libtorch's fused kernel. Matrices decay, vectors (norms)
 * do not. Owns its moments; the caller owns parameters and gradients.
 */

import { noGrad, type Tensor, torch } from '@hadal/tensor'
import {
  type Optimizer,
  oneRate,
  type ParameterGroup,
  parameterGroups,
  pick,
  type RateFactor,
} from './optimizer.ts'

export interface AdamWOptions {
  readonly beta1: number
  readonly beta2: number
  readonly eps: number
  /** Applied to parameters of two or more dimensions. */
  readonly weightDecay: number
}

/**
 * AdamW's defaults.
 *
 * @example
 * ```ts
 * import { adamWDefaults } from '@hadal/nn'
 *
 * adamWDefaults // → { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1 }
 * ```
 */
export const adamWDefaults: AdamWOptions = { beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0.1 }

/**
 * Adam with weight decay apart from the gradient (https://arxiv.org/abs/1711.05101).
 *
 * @example
 * ```ts
 * import { grad, torch } from '@hadal/tensor'
 * import { AdamW, adamWDefaults } from '@hadal/nn'
 *
 * const w = torch.zeros([3]).requiresGrad_()
 * const optimizer = new AdamW(new Map([['w', w]]), { ...adamWDefaults, weightDecay: 0 })
 * for (let step = 0; step < 100; step += 1) {
 *   const [dw] = grad(w.sub(1).square().sum(), [w])
 *   optimizer.update([dw!], 0.1) // the learning rate
 * }
 * Number(w.sub(1).abs().max().item()) < 0.1 // → true
 * ```
 */
export class AdamW implements Optimizer {
  readonly #names: readonly string[]
  readonly #parameters: readonly Tensor[]
  readonly #mean: readonly Tensor[]
  readonly #square: readonly Tensor[]
  readonly #step: Tensor
  readonly #groups: readonly ParameterGroup[]
  readonly #options: AdamWOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: AdamWOptions = adamWDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    this.#names = [...parameters.keys()]
    this.#parameters = [...parameters.values()]
    this.#mean = this.#parameters.map((parameter) => torch.zeros([...parameter.shape]))
    this.#square = this.#parameters.map((parameter) => torch.zeros([...parameter.shape]))
    this.#step = torch.zeros([])
    this.#options = options
    this.#groups = parameterGroups(parameters, rateFactor)
  }

  /** One update with `gradients` in the order of the parameters, fp32. */
  update(gradients: readonly Tensor[], learningRate: number): void {
    noGrad(() => {
      this.#step.add_(1)
      for (const group of this.#groups)
        torch._fusedAdamw_(
          pick(this.#parameters, group),
          pick(gradients, group),
          pick(this.#mean, group),
          pick(this.#square, group),
          [],
          group.indices.map(() => this.#step),
          {
            lr: learningRate * group.rateFactor,
            beta1: this.#options.beta1,
            beta2: this.#options.beta2,
            weightDecay: group.decays ? this.#options.weightDecay : 0,
            eps: this.#options.eps,
            amsgrad: false,
            maximize: false,
          },
        )
    })
  }

  /** The live state by name: restore it with `loadParameters(optimizer.state(), saved)`. */
  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>([['step', this.#step]])
    this.#names.forEach((name, index) => {
      state.set(`mean.${name}`, this.#mean[index]!)
      state.set(`square.${name}`, this.#square[index]!)
    })
    return state
  }
}
