/**
 * Rounds values as ggml's Q6_K: blocks of 256 in 16 groups of 16, each with a signed byte as its scale, found by trying 19
 * roundings. On tensors, and equal to a write and read by `@hadal/formats`: every operator rounds to fp32 where C does, and sums
 * run in C's order.
 *
 * Shapes: g groups, k values of each, n blocks of 16 groups.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { rowsOf, sumInOrder } from './sum-in-order.ts'

const groupLength = 16
const groups = 16
const fround = Math.fround
const tenth = fround(0.1)
/** Groups and blocks below this are zero to ggml, a float in its source. */
const negligible = fround(1e-15)

/** fp32 [n, 256] to the same, without a graph. */
export function roundQ6_K(x_n256: Tensor): Tensor {
  const x_gk = x_n256.reshape([-1, groupLength])
  const scales_n16 = fitGroups(x_gk.t().contiguous()).reshape([-1, groups])
  const largest_n1 = signedLargest(scales_n16, 1)
  const inverse_n1 = torch.div(torch.full([1], -128, { device: x_gk.device }), largest_n1)
  const factor_n1 = inverse_n1.reciprocal().half().float().maskedFill_(isNegligible(largest_n1), 0)
  const integers_n16 = scales_n16.mul(inverse_n1).round_().clampMax_(127)
  const step_g1 = integers_n16.mul_(factor_n1).maskedFill_(factor_n1.eq(0), 0).reshape([-1, 1])
  const quants_gk = x_gk.div(step_g1).round_().clamp_(-32, 31).maskedFill_(step_g1.eq(0), 0)
  return quants_gk.mul_(step_g1).reshape(x_n256.shape)
}

/** ggml's `make_qx_quants`, of every group at once: the scales, [g]. */
function fitGroups(x_kg: Tensor): Tensor {
  const largest_g = signedLargest(x_kg, 0).squeeze(0)
  const isZero_g = isNegligible(largest_g)
  const weight_kg = x_kg.square()
  const weighted_kg = weight_kg.mul(x_kg)
  const quants_kg = torch.emptyLike(x_kg)
  const terms_k2g = torch.empty([groupLength, 2, x_kg.shape[1]!], { device: x_kg.device })
  const rows = rowsOf(terms_k2g)
  const [products_kg, squares_kg] = [terms_k2g.select(1, 0), terms_k2g.select(1, 1)]
  const full_g = torch.empty(largest_g.shape, { device: x_kg.device })
  const scale_g = torch.zerosLike(largest_g)
  const best_g = torch.zerosLike(largest_g)
  for (let step = 0; step < 19; step++) {
    // The plain rounding first, then those with a range 0.9 steps shorter to 0.9 steps longer.
    const offset = step === 0 ? 0 : step < 10 ? step - 10 : step - 9
    full_g.fill_(-fround(32 + fround(tenth * offset)))
    torch.mul(x_kg, full_g.div(largest_g), { out: quants_kg })
    quants_kg.round_().clamp_(-32, 31)
    torch.mul(weighted_kg, quants_kg, { out: products_kg })
    torch.mul(weight_kg, quants_kg, { out: squares_kg })
    squares_kg.mul_(quants_kg)
    const [sumProducts_g, sumSquares_g] = rowsOf(sumInOrder(rows)) as [Tensor, Tensor]
    const fitted_g = torch.where(sumSquares_g.eq(0), 0, sumProducts_g.div(sumSquares_g))
    if (step === 0) {
      scale_g.copy_(fitted_g)
      best_g.copy_(fitted_g.mul(sumProducts_g))
      continue
    }
    const isBetter_g = sumProducts_g.square().gt(best_g.mul(sumSquares_g)).logicalAnd_(sumSquares_g.gt(0))
    scale_g.copy_(torch.where(isBetter_g, fitted_g, scale_g))
    best_g.copy_(torch.where(isBetter_g, fitted_g.mul(sumProducts_g), best_g))
  }
  return scale_g.maskedFill_(isZero_g, 0)
}

/** The first among equal magnitudes, as in C. */
const signedLargest = (x: Tensor, dim: number): Tensor => x.gather(dim, x.abs().argmax(dim, true))

const isNegligible = (x: Tensor): Tensor => x.abs().lt(negligible)
