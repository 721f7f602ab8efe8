/**
 * Matrices that are gradients of single samples, as two factors: leftᵀ right. That of a linear layer is the product of gradients of
 * outputs and of inputs over the places where the sample uses it; an embedding's is the same of which row each place reads, as if
 * that were zeros and a one.
 *
 * Shapes: b samples, n of them, g groups, t places, o outputs, i inputs of one; v rows of a table.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import { beside, type Kept } from './kept.ts'
import { chunksOf } from './sample-gradients.ts'

export interface Factors {
  readonly samples: number
  /** Matrices of one sample. */
  readonly groups: number
  readonly places: number
  readonly outputs: number
  readonly inputs: number
  /**
   * Left factor of `count` samples from `from` on, fp32 [n · g, t, o]; or whole numbers [n, t], each the
   * index of the output that is one.
   */
  left(from: number, count: number): Tensor
  /** fp32 [n · g, t, i] */
  right(from: number, count: number): Tensor
  /** Squared norms [b] if `places` is 1: |left|² |right|². */
  outerSquares(): Tensor
  /** See `SampleGradients`. */
  sum(factors: Tensor): Tensor
  drop(mask: Tensor): void
  free(): void
}

export class LinearFactors implements Factors {
  readonly groups = 1
  readonly #dy: Kept
  readonly #x: Kept

  /** [b, t, o] and [b, t, i]. */
  constructor(dy: Kept, x: Kept) {
    this.#dy = dy.hold()
    this.#x = x.hold()
  }

  get samples(): number {
    return this.#dy.shape[0]!
  }

  get places(): number {
    return this.#dy.shape[1]!
  }

  get outputs(): number {
    return this.#dy.shape[2]!
  }

  get inputs(): number {
    return this.#x.shape[2]!
  }

  left(from: number, count: number): Tensor {
    return this.#dy.wide(from, count)
  }

  right(from: number, count: number): Tensor {
    return this.#x.wide(from, count)
  }

  outerSquares(): Tensor {
    return this.#dy.squares().mul(this.#x.squares())
  }

  sum(factors: Tensor): Tensor {
    return scope(() => {
      let sum: Tensor | undefined
      const { samples, places, outputs, inputs } = this
      for (const [from, count] of chunksOf(samples, places * (outputs + inputs))) {
        const dy = this.left(from, count)
        const scaled = dy
          .mul(beside(factors.narrow(0, from, count), dy))
          .flatten(0, 1)
          .t()
        const x = this.right(from, count).flatten(0, 1)
        sum = sum ? torch.addmm_(sum, scaled, x) : scaled.mm(x)
      }
      return sum!
    })
  }

  drop(mask: Tensor): void {
    this.#dy.drop(mask)
    this.#x.drop(mask)
  }

  free(): void {
    this.#dy.release()
    this.#x.release()
  }
}

export class EmbeddingFactors implements Factors {
  readonly groups = 1
  readonly outputs: number
  readonly #ids: Kept
  readonly #dy: Kept

  /** [b, t] and [b, t, d], of a table with `rows` rows. */
  constructor(ids: Kept, dy: Kept, rows: number) {
    this.#ids = ids.hold()
    this.#dy = dy.hold()
    this.outputs = rows
  }

  get samples(): number {
    return this.#ids.shape[0]!
  }

  get places(): number {
    return this.#ids.shape[1]!
  }

  get inputs(): number {
    return this.#dy.shape[2]!
  }

  left(from: number, count: number): Tensor {
    return this.#ids.tensor.narrow(0, from, count)
  }

  right(from: number, count: number): Tensor {
    return this.#dy.wide(from, count)
  }

  outerSquares(): Tensor {
    return this.#dy.squares().clone()
  }

  sum(factors: Tensor): Tensor {
    return scope(() => {
      const dy = this.#dy.wide()
      const scaled = dy.mul(beside(factors, dy)).flatten(0, 1)
      const sum = torch.zeros([this.outputs, this.inputs], { dtype: dy.dtype, device: dy.device })
      return sum.indexAdd_(0, this.#ids.tensor.flatten(), scaled)
    })
  }

  drop(mask: Tensor): void {
    this.#dy.drop(mask)
  }

  free(): void {
    this.#ids.release()
    this.#dy.release()
  }
}
