/**
 * A tensor with one row a sample that gradients of several parameters are made of: what they have in common is computed once, and
 * freed with the last of them.
 *
 * Shapes: b samples.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'

export class Kept {
  #tensor: Tensor
  #holders = 0
  #squares: Tensor | undefined

  /** `tensor` [b, ...] belongs to this from now on, outside every scope. */
  constructor(tensor: Tensor) {
    this.#tensor = tensor.unscope()
  }

  get shape(): readonly number[] {
    return this.#tensor.shape
  }

  /** Unconverted, all samples. */
  get tensor(): Tensor {
    return this.#tensor
  }

  /** `count` samples from `from` on, in fp32: sums and norms in 16 bits would break the bound that clipping promises. */
  wide(from = 0, count: number = this.shape[0]!): Tensor {
    return wide(count === this.shape[0] ? this.#tensor : this.#tensor.narrow(0, from, count))
  }

  hold(): this {
    this.#holders += 1
    return this
  }

  /** Frees it all with its last holder. */
  release(): void {
    this.#holders -= 1
    if (this.#holders > 0) return
    this.#tensor.free()
    this.#squares?.free()
  }

  /** Each sample's sum of squares [b], in fp32. */
  squares(): Tensor {
    this.#squares ??= scope(() => rowSquares(this.wide())).unscope()
    return this.#squares
  }

  /** Zeroes the samples where `mask` [b] is true: multiplying by 0 does not remove non-finite values. */
  drop(mask: Tensor): void {
    const without = scope(() => this.#tensor.maskedFill(beside(mask, this.#tensor), 0)).unscope()
    this.#tensor.free()
    this.#tensor = without
    this.#squares?.free()
    this.#squares = undefined
  }
}

/** fp32 or wider. */
export const wide = (tensor: Tensor): Tensor =>
  tensor.dtype === 'bfloat16' || tensor.dtype === 'float16' ? tensor.float() : tensor

/** [b] as [b, 1, ...], to go with [b, ...]. */
export const beside = (values_b: Tensor, tensor: Tensor): Tensor =>
  values_b.view([-1, ...tensor.shape.slice(1).map(() => 1)])

/** Sums of squares of [b, ...] for each of b. */
export const rowSquares = (tensor: Tensor): Tensor => torch.mul(tensor, tensor).flatten(1).sum(1)
