/**
 * Rounds values as ggml's Q8_0: blocks of 32 with a half-precision scale max|x| / 127. On tensors, and equal to a write and read by
 * `@hadal/formats`.
 *
 * Shapes: n blocks, k values of each.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { minInvertible } from './block-scales.ts'

/** fp32 [n, 32] to the same, without a graph. */
export function roundQ8_0(x_nk: Tensor): Tensor {
  const scale_n1 = x_nk.abs().amax([1], true).div_(127)
  const inverse_n1 = torch.where(scale_n1.lt(minInvertible), 0, scale_n1.reciprocal())
  const scaled_nk = x_nk.mul(inverse_n1)
  // C's roundf rounds halves away from zero. In fp32 that is not floor(x + 0.5).
  const whole_nk = scaled_nk.trunc()
  // Adding zero takes the sign off -0, which is no integer.
  const quants_nk = scaled_nk.sub_(whole_nk).mul_(2).trunc_().add_(whole_nk).add_(0)
  return quants_nk.mul_(scale_n1.half().float())
}
