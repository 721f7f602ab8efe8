/**
 * AdamW with both moments in 8 bits (Dettmers et al. 2022, arXiv:2110.02861): 2 bytes of state a weight instead of 8. The
 * update is computed in fp32 from the moments before they are rounded. Small tensors keep fp32 moments.
 */

import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { AdamW, type AdamWOptions, adamWDefaults } from './adamw.ts'
import { BlockwiseArray, fromBlocks, makeCodebook, toBlocks } from './blockwise.ts'
import { decays, type Optimizer, oneRate, type RateFactor } from './optimizer.ts'

export interface AdamW8bitOptions extends AdamWOptions {
  /** Tensors of fewer values keep fp32 moments. */
  readonly leastValues: number
}

/**
 * Defaults of 8-bit AdamW.
 *
 * @example
 * ```ts
 * import { adamW8bitDefaults } from '@hadal/nn'
 *
 * adamW8bitDefaults.leastValues // → 4096
 * ```
 */
export const adamW8bitDefaults: AdamW8bitOptions = { ...adamWDefaults, leastValues: 4096 }

interface Quantized {
  readonly name: string
  /** Index in all parameters. */
  readonly index: number
  readonly parameter: Tensor
  readonly rateFactor: number
  readonly mean: BlockwiseArray
  readonly square: BlockwiseArray
}

/**
 * AdamW with 8-bit moments: a quarter of the memory (https://arxiv.org/abs/2110.02861).
 *
 * @example
 * ```ts
 * import { AdamW8bit, Linear } from '@hadal/nn'
 *
 * const model = new Linear(128, 64, 'float32')
 * const optimizer = new AdamW8bit(model.parameters())
 * optimizer.state().size > 0 // → true
 * ```
 */
export class AdamW8bit implements Optimizer {
  readonly #quantized: readonly Quantized[]
  readonly #small: AdamW
  readonly #smallIndices: readonly number[]
  readonly #step: Tensor
  readonly #options: AdamW8bitOptions

  /** `parameters` are fp32 and are updated in place. */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: AdamW8bitOptions = adamW8bitDefaults,
    rateFactor: RateFactor = oneRate,
  ) {
    const all = [...parameters].map(([name, parameter], index) => ({ name, parameter, index }))
    const small = all.filter(({ parameter }) => parameter.numel < options.leastValues)
    const signed = makeCodebook(true)
    const unsigned = makeCodebook(false)
    this.#quantized = all
      .filter(({ parameter }) => parameter.numel >= options.leastValues)
      .map((each) => ({
        ...each,
        rateFactor: rateFactor(each.name),
        mean: new BlockwiseArray(each.parameter.numel, signed),
        square: new BlockwiseArray(each.parameter.numel, unsigned),
      }))
    this.#small = new AdamW(
      new Map(small.map(({ name, parameter }) => [name, parameter])),
      options,
      rateFactor,
    )
    this.#smallIndices = small.map(({ index }) => index)
    this.#step = torch.zeros([])
    this.#options = options
  }

  update(gradients: readonly Tensor[], learningRate: number): void {
    noGrad(() => {
      this.#step.add_(1)
      const step = this.#step.item() as number
      for (const each of this.#quantized)
        scope(() => this.#updateOne(each, gradients[each.index]!, learningRate * each.rateFactor, step))
    })
    this.#small.update(
      this.#smallIndices.map((index) => gradients[index]!),
      learningRate,
    )
  }

  #updateOne(
    { parameter, mean, square }: Quantized,
    gradient: Tensor,
    learningRate: number,
    step: number,
  ): void {
    const { beta1, beta2, eps, weightDecay } = this.#options
    const gradient_nk = toBlocks(gradient)
    const mean_nk = mean.read().lerp_(gradient_nk, 1 - beta1)
    const square_nk = square.read().mul_(beta2)
    square_nk.addcmul_(gradient_nk, gradient_nk, { value: 1 - beta2 })
    mean.write(mean_nk)
    square.write(square_nk)
    const root_nk = square_nk
      .sqrt_()
      .div_(Math.sqrt(1 - beta2 ** step))
      .add_(eps)
    const update = fromBlocks(mean_nk.div_(root_nk), parameter.shape)
    if (decays(parameter)) parameter.mul_(1 - learningRate * weightDecay)
    parameter.add_(update, { alpha: -learningRate / (1 - beta1 ** step) })
  }

  state(): Map<string, Tensor> {
    const state = new Map<string, Tensor>([['step', this.#step]])
    for (const { name, mean, square } of this.#quantized) {
      state.set(`mean.codes.${name}`, mean.codes_nk)
      state.set(`mean.scales.${name}`, mean.scales_n1)
      state.set(`square.codes.${name}`, square.codes_nk)
      state.set(`square.scales.${name}`, square.scales_n1)
    }
    for (const [name, tensor] of this.#small.state()) state.set(`small.${name}`, tensor)
    return state
  }
}
