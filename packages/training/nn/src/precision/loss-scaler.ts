/**
 * Dynamic loss scaling (Micikevicius et al. 2018, arXiv:1710.03740) by the rules of PyTorch's GradScaler: the loss is multiplied by
 * a scale so that small gradients survive float16, gradients are divided by it before they are used, and the scale halves after an
 * overflow and doubles after many steps without one.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'

export interface LossScaleOptions {
  /**
   * A scale that is too high costs a skipped step for each halving, one that is too low thousands of steps for each
   * doubling: so the usual one is high.
   */
  readonly initial: number
  readonly growthFactor: number
  readonly backoffFactor: number
  /** Steps in a row without overflow after which the scale grows. */
  readonly growthInterval: number
  /** A scale below this indicates a problem other than the scale. PyTorch has no minimum; DeepSpeed and Megatron use 1. */
  readonly least: number
}

/**
 * What a loss scaler takes by default.
 *
 * @example
 * ```ts
 * import { lossScaleDefaults } from '@hadal/nn'
 *
 * lossScaleDefaults.initial // → 65536
 * ```
 */
export const lossScaleDefaults: LossScaleOptions = {
  initial: 65_536,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
  least: 1,
}

/**
 * Losses in fp16 are multiplied so that small gradients do not become zero, and the factor follows what overflows (https://arxiv.org/abs/1710.03740).
 *
 * @example
 * ```ts
 * import { lossScaleDefaults, LossScaler } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const scaler = new LossScaler({ ...lossScaleDefaults, initial: 128 })
 * const gradients = [torch.tensor([128, 256])] // of the loss times scaler.scale
 * const isSound = scaler.unscale(gradients) // in place
 * gradients[0]!.toArray() // → [ 1, 2 ]
 * scaler.update()
 * ```
 */
export class LossScaler {
  readonly #options: LossScaleOptions
  readonly #scale: Tensor
  readonly #tracker: Tensor
  readonly #foundInf: Tensor

  constructor(options: LossScaleOptions = lossScaleDefaults) {
    this.#options = options
    this.#scale = torch.full([], options.initial, { dtype: 'float32' })
    this.#tracker = torch.zeros([], { dtype: 'int32' })
    this.#foundInf = torch.zeros([])
  }

  /** What the loss of the next step is multiplied by. */
  get scale(): number {
    return this.#scale.item() as number
  }

  /** Backing off has not helped. */
  get exhausted(): boolean {
    return this.scale < this.#options.least
  }

  /**
   * Divides the fp32 gradients of a whole step by the scale, in place, and returns whether all are finite; if not, the step's
   * update is skipped. `agree` may raise the overflow flag, a scalar 0 or 1, to that of other processes.
   */
  unscale(gradients: readonly Tensor[], agree?: (foundInf: Tensor) => void): boolean {
    return scope(() =>
      noGrad(() => {
        this.#foundInf.zero_()
        const inverse = this.#scale.double().reciprocal().float()
        torch._ampForeachNonFiniteCheckAndUnscale_([...gradients], this.#foundInf, inverse)
        agree?.(this.#foundInf)
        return this.#foundInf.item() === 0
      }),
    )
  }

  /** After each step, skipped or not: the scale of the next one. */
  update(): void {
    const { growthFactor, backoffFactor, growthInterval } = this.#options
    noGrad(() =>
      torch._ampUpdateScale_(
        this.#scale,
        this.#tracker,
        this.#foundInf,
        growthFactor,
        backoffFactor,
        growthInterval,
      ),
    )
  }

  /** The live state by name; the next scale depends on nothing else. */
  state(): Map<string, Tensor> {
    return new Map([
      ['scale', this.#scale],
      ['growth_tracker', this.#tracker],
    ])
  }
}
