/**
 * Adafactor (Shazeer and Stern 2018, arXiv:1804.04235) as in PyTorch's: of a matrix's second moments only the means of rows
 * and of columns are kept, there is no first moment, and updates that grow too large are clipped.
 *
 * Shape suffixes: r rows, c columns, 1 a dimension of one.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { decays, type Optimizer, oneRate, type RateFactor } from './optimizer.ts'

export interface AdafactorOptions {
  /** Moments of step t are kept with 1 - t ** beta2Decay. */
  readonly beta2Decay: number
  /** Least root of a second moment. */
  readonly eps: number
  /** Largest root mean square of an update before the learning rate. */
  readonly clipThreshold: number
  /**
   * Steps of min(learningRate, 1 / sqrt(t)) times the root mean square of the parameter (at least `leastScale`), as in the paper
   * and in PyTorch; otherwise steps of the learning rate itself.
   */
  readonly relativeStep: boolean
  readonly leastScale: number
  /** Decoupled; applied to parameters of two or more dimensions. */
  readonly weightDecay: number
}

/**
 * Adafactor's defaults.
 *
 * @example
 * ```ts
 * import { adafactorDefaults } from '@hadal/nn'
 *
 * adafactorDefaults.clipThreshold // → 1
 * ```
 */
export const adafactorDefaults: AdafactorOptions = {
  beta2Decay: -0.8,
  eps: 2 ** -23,
  clipThreshold: 1,
  relativeStep: true,
  leastScale: 1e-3,
  weightDecay: 0,
}

/** Second moments: factored for matrices and stacks of them, whole for vectors. */
type Moments = { readonly row_r1: Tensor; readonly column_1c: Tensor } | { readonly whole: Tensor }

/**
 * Second moments as rows and columns instead of matrices (https://arxiv.org/abs/1804.04235): the optimizer with the least state.
 *
 * @example
 * ```ts
 * import { Adafactor, Linear } from '@hadal/nn'
 * import { torch } from '@hadal/tensor'
 *
 * const model = new Linear(64, 64, 'float32')
 * const optimizer = new Adafactor(model.parameters())
 * const gradients = [...model.parameters().values()].map((parameter) => torch.onesLike(parameter))
 * optimizer.update(gradients, 1e-3) // in place
 * ```
 */
export class Adafactor implements Optimizer {
  readonly #names: readonly string[]
  readonly #parameters: readonly Tensor[]
  readonly #moments: readonly Moments[]
  readonly #rateFactors: readonly number[]
  readonly #step: Tensor
  readonly #options: AdafactorOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: AdafactorOptions = adafactorDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    this.#names = [...parameters.keys()]
    this.#parameters = [...parameters.values()]
    this.#moments = this.#parameters.map(({ shape }) => {
      if (shape.length < 2) return { whole: torch.zeros([...shape]) }
      const stack = shape.slice(0, -2)
      return {
        row_r1: torch.zeros([...stack, shape.at(-2)!, 1]),
        column_1c: torch.zeros([...stack, 1, shape.at(-1)!]),
      }
    })
    this.#rateFactors = this.#names.map(rateFactor)
    this.#step = torch.zeros([])
    this.#options = options
  }

  update(gradients: readonly Tensor[], learningRate: number): void {
    noGrad(() => {
      this.#step.add_(1)
      const step = this.#step.item() as number
      gradients.forEach((gradient, index) => {
        scope(() => this.#updateOne(index, gradient, learningRate * this.#rateFactors[index]!, step))
      })
    })
  }

  #updateOne(index: number, gradient: Tensor, learningRate: number, step: number): void {
    const { beta2Decay, eps, clipThreshold, relativeStep, leastScale, weightDecay } = this.#options
    const parameter = this.#parameters[index]!
    const size = relativeStep
      ? Math.min(learningRate, 1 / Math.sqrt(step)) * Math.max(leastScale, rootMeanSquare(parameter))
      : learningRate
    if (weightDecay > 0 && decays(parameter)) parameter.mul_(1 - learningRate * weightDecay)
    const square = track(this.#moments[index]!, gradient, step ** beta2Decay, eps)
    const update = square
      .clampMin_(eps * eps)
      .rsqrt_()
      .mul_(gradient)
    const excess = Math.max(1, rootMeanSquare(update) / clipThreshold)
    parameter.add_(update, { alpha: -size / excess })
  }

  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>([['step', this.#step]])
    this.#moments.forEach((moments, index) => {
      const name = this.#names[index]
      if ('whole' in moments) state.set(`square.${name}`, moments.whole)
      else {
        state.set(`row.${name}`, moments.row_r1)
        state.set(`column.${name}`, moments.column_1c)
      }
    })
    return state
  }
}

/** Updates the moments with the gradient by `weight`; returns the estimate of its square as a new tensor. */
function track(moments: Moments, gradient: Tensor, weight: number, eps: number): Tensor {
  if ('whole' in moments) {
    moments.whole.lerp_(gradient.square(), weight)
    return moments.whole.clone()
  }
  const { row_r1, column_1c } = moments
  row_r1.lerp_(meanSquare(gradient, -1), weight)
  column_1c.lerp_(meanSquare(gradient, -2), weight)
  return row_r1.matmul(column_1c).div_(row_r1.mean(-2, { keepdim: true }).clampMin_(eps))
}

/** Keeps `dimension` as one of one. */
function meanSquare(gradient: Tensor, dimension: number): Tensor {
  return torch.linalgVectorNorm(gradient, 2, dimension, true).square().div_(gradient.shape.at(dimension)!)
}

function rootMeanSquare(tensor: Tensor): number {
  return (torch.linalgVectorNorm(tensor).item() as number) / Math.sqrt(tensor.numel)
}
