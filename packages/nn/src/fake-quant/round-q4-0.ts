/**
 * What ggml's Q4_0 makes of values: blocks of 32 with a half-precision scale that takes the value of largest magnitude to -8, the
 * others to -8 to 7. On tensors, and equal to the bit to what `@hadal/formats` writes and reads again.
 *
 * Shapes: n blocks, k values of each.
 */

import { type Tensor, torch } from '@hadal/tensor'

/** fp32 [n, 32] to the same. */
export function roundQ4_0(x_nk: Tensor): Tensor {
  // Of several the first, as in C; of zeros alone +0.
  const largest_n1 = x_nk.gather(1, x_nk.abs().argmax(1, true)).add(0)
  const scale_n1 = largest_n1.div(-8)
  const inverse_n1 = torch.where(scale_n1.eq(0), 0, scale_n1.reciprocal())
  const shifted_nk = x_nk.mul(inverse_n1).add(8.5)
  const quants_nk = torch.where(shifted_nk.isfinite(), shifted_nk.trunc().clampMax(15), 0)
  return quants_nk.sub(8).mul(scale_n1.half().float())
}
