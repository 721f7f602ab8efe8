/** Gradient clipping by global norm (Pascanu et al. 2013, arXiv:1211.5063). */

import { scope, type Tensor, torch } from '@hadal/tensor'

/** Euclidean norms of gradients, before clipping. */
export interface GradientNorms {
  /** Joint norm. */
  readonly total: number
  /** Norm of each, in order. */
  readonly each: readonly number[]
}

/** Reduces squared norms of one rank's tensors, fp32 [n], to those of the whole, in place. */
export type SumSquares = (squares_n: Tensor) => void

/**
 * The norm of each of several tensors, fp32 [n]; with `overRanks` of all that the ranks hold of it.
 *
 * @internal
 */
export function normsOf(tensors: readonly Tensor[], overRanks?: SumSquares): Tensor {
  return scope(() => {
    const norms_n = torch.stack(torch._foreachNorm([...tensors]))
    if (!overRanks) return norms_n
    overRanks(norms_n.square_())
    return norms_n.sqrt_()
  })
}

/**
 * Scales `gradients` in place so that their joint norm is at most `maxNorm`; returns the norms before. With `overRanks` the norm
 * covers all ranks, each of which scales its own gradients.
 *
 * @example
 * ```ts
 * import { torch } from '@hadal/tensor'
 * import { clipByGlobalNorm } from '@hadal/nn'
 *
 * const gradients = [torch.tensor([3]), torch.tensor([4])]
 * const { total } = clipByGlobalNorm(gradients, 1) // in place
 * total // → 5
 * Number(gradients[1]!.item()).toFixed(1) // → '0.8'
 * ```
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  maxNorm: number,
  overRanks?: SumSquares,
): GradientNorms {
  return scope(() => {
    const each_n = normsOf(gradients, overRanks)
    const total = torch.linalgVectorNorm(each_n)
    const factor = torch.clamp(total.add(1e-6).reciprocal().mul(maxNorm), { max: 1 })
    torch._foreachMul_([...gradients], factor)
    return { total: total.item() as number, each: each_n.toArray() as number[] }
  })
}
