/**
 * Rounds values as ggml's Q4_0: blocks of 32 with a half-precision scale that maps the value of largest magnitude to -8, the others
 * to -8 to 7. On tensors, and equal to a write and read by `@hadal/formats`.
 *
 * Shapes: n blocks, k values of each.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { minInvertible } from './block-scales.ts'

/** fp32 [n, 32] to the same, without a graph. */
export function roundQ4_0(x_nk: Tensor): Tensor {
  // The first among equals, as in C.
  const scale_n1 = x_nk.gather(1, x_nk.abs().argmax(1, true)).div_(-8)
  const inverse_n1 = torch.where(scale_n1.abs().lt(minInvertible), 0, scale_n1.reciprocal())
  const quants_nk = x_nk.mul(inverse_n1).add_(8.5).trunc_().clampMax_(15).sub_(8)
  return quants_nk.mul_(scale_n1.half().float())
}
