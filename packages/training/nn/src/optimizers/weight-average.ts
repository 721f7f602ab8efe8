/**
 * An exponential moving average of weights (Polyak and Juditsky 1992), for any optimizer: often better on held-out data than the
 * weights themselves. Saved and loaded like an optimizer's state.
 */

import { noGrad, type Tensor, torch } from '@hadal/tensor'

export interface WeightAverageOptions {
  /** Decay per step. */
  readonly decay: number
  /** Uses a smaller decay at first, (1 + t) / (10 + t) at step t, so that the initial weights are soon forgotten. */
  readonly warmup: boolean
}

/**
 * Defaults of the moving average.
 *
 * @example
 * ```ts
 * import { weightAverageDefaults } from '@hadal/nn'
 *
 * weightAverageDefaults // → { decay: 0.999, warmup: true }
 * ```
 */
export const weightAverageDefaults: WeightAverageOptions = { decay: 0.999, warmup: true }

/**
 * A moving average of weights, which often scores better than the last ones.
 *
 * @example
 * ```ts
 * import { noGrad, torch } from '@hadal/tensor'
 * import { WeightAverage } from '@hadal/nn'
 *
 * const w = torch.tensor([0]).requiresGrad_()
 * const average = new WeightAverage(new Map([['w', w]]), { decay: 0.5, warmup: false })
 * noGrad(() => w.add_(1))
 * average.update()
 * average.averages().get('w')?.toArray() // → [ 0.5 ]
 * ```
 */
export class WeightAverage {
  readonly #names: readonly string[]
  readonly #parameters: Tensor[]
  readonly #averages: Tensor[]
  readonly #step: Tensor
  readonly #options: WeightAverageOptions

  /** Begins at the parameters as they are. They are fp32 and change only in `swap`. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: WeightAverageOptions = weightAverageDefaults,
  ) {
    this.#names = [...parameters.keys()]
    this.#parameters = [...parameters.values()]
    this.#averages = noGrad(() => this.#parameters.map((parameter) => parameter.clone()))
    this.#step = torch.zeros([])
    this.#options = options
  }

  /** Takes the parameters in; call it after each update of theirs. */
  update(): void {
    const { decay, warmup } = this.#options
    noGrad(() => {
      this.#step.add_(1)
      const step = this.#step.item() as number
      const keep = warmup ? Math.min(decay, (1 + step) / (10 + step)) : decay
      torch._foreachLerp_(this.#averages, this.#parameters, 1 - keep)
    })
  }

  /** The live averages by the parameters' names. */
  averages(): Map<string, Tensor> {
    return new Map(this.#averages.map((average, index) => [this.#names[index]!, average] as const))
  }

  /**
   * Swaps parameters and averages, bit-exactly: once to evaluate or export the averages, and again to continue. Working copies of
   * the parameters must be refreshed each time.
   */
  swap(): void {
    noGrad(() => {
      this.#parameters.forEach((parameter, index) => {
        const average = this.#averages[index]!
        using held = parameter.clone()
        parameter.copy_(average)
        average.copy_(held)
      })
    })
  }

  state(): Map<string, Tensor> {
    return new Map<string, Tensor>([
      ['step', this.#step],
      ...[...this.averages()].map(([name, average]) => [`average.${name}`, average] as const),
    ])
  }
}
