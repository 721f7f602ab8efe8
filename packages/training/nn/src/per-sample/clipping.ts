/**
 * How far each sample's gradient is scaled down.
 *
 * Shapes: b samples; l layers that are clipped by themselves.
 */

import { scope, type Tensor } from '@hadal/tensor'

export interface Clipping {
  /**
   * `flat`: scales a sample's whole gradient to `norm` if it is longer (Abadi et al. 2016, arXiv:1607.00133). `per-layer`: each
   * layer's to norm / √layers. `automatic`: scales every gradient to nearly `norm`, whatever its length (Bu et al. 2022,
   * arXiv:2206.07136).
   */
  readonly kind: 'flat' | 'per-layer' | 'automatic'
  /** The most that one sample may change the sum by, in the Euclidean norm. */
  readonly norm: number
}

const flatMargin = 1e-6
const automaticMargin = 0.01

/** Scale factors [b] from the samples' squared norms in one of `layers` layers; 0 where a norm is not finite. */
export function factorsOf(squares_b: Tensor, { kind, norm }: Clipping, layers: number): Tensor {
  return scope(() => {
    const most = norm / Math.sqrt(layers)
    const lengths = squares_b.sqrt().add_(kind === 'automatic' ? automaticMargin : flatMargin)
    const factors = lengths.reciprocal_().mul_(most)
    if (kind !== 'automatic') factors.clampMax_(1)
    return factors.maskedFill_(squares_b.isfinite().logicalNot_(), 0)
  })
}

/** What a step receives of its samples, before anything is summed. */
export interface Clipped {
  /** [b] for each layer; 0 for samples that add nothing. */
  readonly factors: readonly Tensor[]
  /** fp32 [b], over all layers. */
  readonly norms: Tensor
  /** bool [b]: samples whose gradients are not finite. */
  readonly bad: Tensor
  /** bool [b]: samples of which something was scaled down, because it was longer than allowed. */
  readonly shortened: Tensor
}

/** From squared norms [b] of each layer. */
export function clip(squaresOfLayers: readonly Tensor[], clipping: Clipping): Clipped {
  return scope(() => {
    const layers = squaresOfLayers.length
    const squares_b = squaresOfLayers.reduce((sum, squares) => sum.add(squares))
    const bad = squares_b.isfinite().logicalNot_()
    const factors = squaresOfLayers.map((squares) => factorsOf(squares, clipping, layers).maskedFill_(bad, 0))
    const most = clipping.norm / Math.sqrt(layers)
    const longer = squaresOfLayers.map((squares) => squares.gt(most ** 2))
    const shortened = longer.reduce((any, each) => any.logicalOr(each)).logicalAnd_(bad.logicalNot())
    return { factors, norms: squares_b.sqrt(), bad, shortened }
  })
}
