/**
 * Stochastic gradient descent with momentum (Sutskever et al. 2013) as in PyTorch's SGD without dampening. Weight decay is
 * added to the gradient, on matrices only.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import {
  decays,
  type Optimizer,
  oneRate,
  type ParameterGroup,
  parameterGroups,
  pick,
  type RateFactor,
} from './optimizer.ts'

export interface SgdOptions {
  /** 0: no momentum state. */
  readonly momentum: number
  /** Nesterov momentum. */
  readonly nesterov: boolean
  readonly weightDecay: number
}

/**
 * SGD's defaults.
 *
 * @example
 * ```ts
 * import { sgdDefaults } from '@hadal/nn'
 *
 * sgdDefaults // → { momentum: 0.9, nesterov: false, weightDecay: 0 }
 * ```
 */
export const sgdDefaults: SgdOptions = { momentum: 0.9, nesterov: false, weightDecay: 0 }

/**
 * Stochastic gradient descent with momentum.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { Sgd, sgdDefaults } from '@hadal/nn'
 *
 * const w = torch.tensor([1, 2]).requiresGrad_()
 * new Sgd(new Map([['w', w]]), { ...sgdDefaults, momentum: 0, weightDecay: 0 }).update([torch.tensor([1, 1])], 0.5)
 * w.toArray() // → [ 0.5, 1.5 ]
 * ```
 */
export class Sgd implements Optimizer {
  readonly #names: readonly string[]
  readonly #parameters: Tensor[]
  /** One for each parameter; none without momentum. */
  readonly #velocity: Tensor[]
  readonly #groups: readonly ParameterGroup[]
  readonly #options: SgdOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: SgdOptions = sgdDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    this.#names = [...parameters.keys()]
    this.#parameters = [...parameters.values()]
    this.#velocity = options.momentum > 0 ? this.#parameters.map(({ shape }) => torch.zeros([...shape])) : []
    this.#groups = parameterGroups(parameters, rateFactor)
    this.#options = options
  }

  update(gradients: readonly Tensor[], learningRate: number): void {
    const { momentum, nesterov } = this.#options
    scope(() =>
      noGrad(() => {
        let directions = this.#withDecay(gradients)
        if (momentum > 0) {
          torch._foreachMul_(this.#velocity, momentum)
          torch._foreachAdd_(this.#velocity, directions)
          directions = nesterov
            ? torch._foreachAdd(directions, this.#velocity, { alpha: momentum })
            : this.#velocity
        }
        for (const group of this.#groups)
          torch._foreachAdd_(pick(this.#parameters, group), pick(directions, group), {
            alpha: -learningRate * group.rateFactor,
          })
      }),
    )
  }

  #withDecay(gradients: readonly Tensor[]): Tensor[] {
    const { weightDecay } = this.#options
    if (weightDecay === 0) return [...gradients]
    return gradients.map((gradient, index) => {
      const parameter = this.#parameters[index]!
      return decays(parameter) ? gradient.add(parameter, { alpha: weightDecay }) : gradient
    })
  }

  state(): Map<string, Tensor> {
    return new Map(
      this.#velocity.map((velocity, index) => [`velocity.${this.#names[index]}`, velocity] as const),
    )
  }
}
