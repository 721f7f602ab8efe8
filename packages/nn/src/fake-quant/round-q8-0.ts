/**
 * What ggml's Q8_0 makes of values: blocks of 32 with a half-precision scale max|x| / 127. On tensors, and equal to the bit to what
 * `@hadal/formats` writes and reads again.
 *
 * Shapes: n blocks, k values of each.
 */

import { type Tensor, torch } from '@hadal/tensor'

/** fp32 [n, 32] to the same. */
export function roundQ8_0(x_nk: Tensor): Tensor {
  const scale_n1 = x_nk.abs().amax([1], true).div(127)
  const inverse_n1 = torch.where(scale_n1.eq(0), 0, scale_n1.reciprocal())
  const quants_nk = awayFromZero(x_nk.mul(inverse_n1))
  return quants_nk.mul(scale_n1.half().float())
}

/** C's roundf, which in fp32 is not floor(x + 0.5). What is not finite, as of a scale too small to invert, becomes 0. */
function awayFromZero(x: Tensor): Tensor {
  const whole = x.trunc()
  const rounded = whole.add(x.sub(whole).mul(2).trunc())
  // Adding zero takes the sign off -0, which is no integer's.
  return torch.where(x.isfinite(), rounded, 0).add(0)
}
