/**
 * Lion (Chen et al. 2023, arXiv:2302.06675): the sign of an interpolated momentum, one moment instead of two. Every weight moves by
 * the learning rate, so it needs one 3 to 10 times smaller than AdamW's, and a correspondingly larger decay.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import {
  type Optimizer,
  oneRate,
  type ParameterGroup,
  parameterGroups,
  pick,
  type RateFactor,
} from './optimizer.ts'

export interface LionOptions {
  /** Share of the momentum in the update. */
  readonly beta1: number
  /** Decay of the momentum. */
  readonly beta2: number
  /** Decoupled; applied to parameters of two or more dimensions. */
  readonly weightDecay: number
}

/**
 * Lion's defaults.
 *
 * @example
 * ```ts
 * import { lionDefaults } from '@hadal/nn'
 *
 * lionDefaults // → { beta1: 0.9, beta2: 0.99, weightDecay: 0.3 }
 * ```
 */
export const lionDefaults: LionOptions = { beta1: 0.9, beta2: 0.99, weightDecay: 0.3 }

/**
 * Only the sign of a momentum moves weights (https://arxiv.org/abs/2302.06675): half of Adam's state.
 *
 * @example
 * ```ts
 * import { Linear, Lion } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(16, 8, 'float32')
 * const optimizer = new Lion(model.parameters())
 * optimizer.update([...model.parameters().values()].map((parameter) => torch.onesLike(parameter)), 1e-4)
 * ```
 */
export class Lion implements Optimizer {
  readonly #names: readonly string[]
  readonly #parameters: Tensor[]
  readonly #momentum: Tensor[]
  readonly #groups: readonly ParameterGroup[]
  readonly #options: LionOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: LionOptions = lionDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    this.#names = [...parameters.keys()]
    this.#parameters = [...parameters.values()]
    this.#momentum = this.#parameters.map(({ shape }) => torch.zeros([...shape]))
    this.#groups = parameterGroups(parameters, rateFactor)
    this.#options = options
  }

  update(gradients: readonly Tensor[], learningRate: number): void {
    const { beta1, beta2, weightDecay } = this.#options
    scope(() =>
      noGrad(() => {
        const directions = torch._foreachMul(this.#momentum, beta1)
        torch._foreachAdd_(directions, gradients, { alpha: 1 - beta1 })
        torch._foreachSign_(directions)
        for (const group of this.#groups) {
          const parameters = pick(this.#parameters, group)
          const rate = learningRate * group.rateFactor
          if (group.decays) torch._foreachMul_(parameters, 1 - rate * weightDecay)
          torch._foreachAdd_(parameters, pick(directions, group), { alpha: -rate })
        }
        torch._foreachMul_(this.#momentum, beta2)
        torch._foreachAdd_(this.#momentum, gradients, { alpha: 1 - beta2 })
      }),
    )
  }

  state(): Map<string, Tensor> {
    return new Map(
      this.#momentum.map((momentum, index) => [`momentum.${this.#names[index]}`, momentum] as const),
    )
  }
}
