/**
 * Weights and biases as the integers that kernels multiply and add. Their grid is the one that training or calibration found.
 *
 * Shapes: n outputs.
 */

import { fakeQuantize, type QuantParameters } from '@hadal/nn'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'

export interface IntegerWeight {
  /** Row-major, each from `quantMin` to `quantMax`. */
  readonly values: Int8Array | Uint8Array
  /** One, or one for each output. */
  readonly scale: Float32Array
  readonly zeroPoint: Int8Array | Uint8Array
}

/** The exact integers of a fake-quantised pass: value = (integer - zero point) · scale. `weight` is fp32, [n, ...]. */
export function integerWeight(weight: Tensor, grid: QuantParameters): IntegerWeight {
  const { quantMin, quantMax, axis } = grid
  const Integers = quantMin < 0 ? Int8Array : Uint8Array
  const rounded = noGrad(() =>
    scope(() => {
      const scale_n = torch.tensor(Float32Array.from(grid.scale), { shape: [grid.scale.length] })
      const zero_n = torch.tensor(Int32Array.from(grid.zeroPoint), { shape: [grid.zeroPoint.length] })
      const granularity = axis === undefined ? 'tensor' : 'channel'
      const range = { quantMin, quantMax }
      const along = [-1, ...weight.shape.slice(1).map(() => 1)]
      const value = fakeQuantize(weight.detach(), { scale_n, zero_n }, range, granularity)
      const integers = value.div(scale_n.reshape(along)).round().add(zero_n.float().reshape(along))
      return integers.toTypedArray() as Float32Array
    }),
  )
  return {
    values: Integers.from(rounded),
    scale: Float32Array.from(grid.scale),
    zeroPoint: Integers.from(grid.zeroPoint),
  }
}

/** Leaves as much again for the sum of products that a bias is added to. */
const largestBias = 2 ** 30

/**
 * Widens the grid of a weight so that its bias fits in 32 bits: a channel with near-zero weights has a near-zero scale, on which
 * the bias would overflow. The weights lose less than 2^-21 of the bias per product.
 */
export function roomForBias(
  grid: QuantParameters,
  bias_n: Float32Array,
  inputScale: number,
): QuantParameters {
  const { scale } = grid
  const least = (index: number): number => Math.abs(bias_n[index]!) / (inputScale * largestBias)
  const grown =
    grid.axis === undefined
      ? scale.map((own) => bias_n.reduce((most, _, index) => Math.max(most, least(index)), own))
      : scale.map((own, index) => Math.max(own, least(index)))
  return { ...grid, scale: grown.map(Math.fround) }
}

export interface IntegerBias {
  readonly values: Int32Array
  /** One, or one for each output: that of the sum of products. */
  readonly scale: Float32Array
}

/** On the grid of the products, so that a kernel adds it to their sum. */
export function integerBias(
  bias_n: Float32Array,
  inputScale: number,
  weightScale: Float32Array,
): IntegerBias {
  const scale = weightScale.map((each) => each * inputScale)
  const of = (index: number): number => scale[scale.length === 1 ? 0 : index]!
  return { values: Int32Array.from(bias_n, (value, index) => Math.round(value / of(index))), scale }
}
