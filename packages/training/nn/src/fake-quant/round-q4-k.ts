/**
 * Rounds values as ggml's Q4_K: blocks of 256 in 8 groups of 32, with a 6-bit scale and minimum per group, found by trying 21
 * roundings and fitting a line to each. On tensors, and equal to a write and read by `@hadal/formats`: every operator rounds to
 * fp32 where C does, and sums run in C's order.
 *
 * Shapes: g groups, k values of each, n blocks of 8 groups.
 */

import { type Tensor, torch } from '@hadal/tensor'
import { rowsOf, sumInOrder } from './sum-in-order.ts'

const groupLength = 32
const groups = 8
const fround = Math.fround
const tenth = fround(0.1)

/** fp32 [n, 256] to the same, without a graph. */
export function roundQ4_K(x_n256: Tensor): Tensor {
  const x_gk = x_n256.reshape([-1, groupLength])
  const { scale_g, minimum_g } = fitGroups(x_gk.t().contiguous())
  const [factor_n1, scales_n8] = sixBits(scale_g.reshape([-1, groups]))
  const [offset_n1, minima_n8] = sixBits(minimum_g.neg().reshape([-1, groups]))
  const step_g1 = factor_n1.mul(scales_n8).reshape([-1, 1])
  const below_g1 = offset_n1.mul(minima_n8).reshape([-1, 1])
  // A group without a scale represents only its minimum.
  const quants_gk = x_gk.add(below_g1).div_(step_g1).round_().clamp_(0, 15).maskedFill_(step_g1.eq(0), 0)
  return quants_gk.mul_(step_g1).sub_(below_g1).reshape(x_n256.shape)
}

/** Half-precision factors [n, 1], and integers of six bits [n, 8] that they are multiplied with to give nearly `of_n8`. */
function sixBits(of_n8: Tensor): readonly [factor_n1: Tensor, integers_n8: Tensor] {
  const largest_n1 = of_n8.amax([1], true).clampMin(0)
  const inverse_n1 = torch.where(largest_n1.gt(0), torch.div(torch.full([1], 63, like(of_n8)), largest_n1), 0)
  // For negative numbers C keeps the lowest eight bits.
  const integers_n8 = of_n8.mul(inverse_n1).round().nanToNum(0, 0, 0).remainder(256).clampMax(63)
  return [largest_n1.div(63).half().float(), integers_n8]
}

interface Fit {
  readonly scale_g: Tensor
  /** At most zero. */
  readonly minimum_g: Tensor
}

/** ggml's `make_qkx2_quants`, of every group at once. */
function fitGroups(x_kg: Tensor): Fit {
  const squares_g = sumInOrder(rowsOf(x_kg.square()))
  const weight_kg = x_kg.abs().add_(squares_g.div(groupLength).sqrt())
  const sumWeights_g = sumInOrder(rowsOf(weight_kg))
  const sumValues_g = sumInOrder(rowsOf(weight_kg.mul(x_kg)))
  const most_g = x_kg.amax([0])
  const minimum_g = x_kg.amin([0]).clampMax_(0)
  const isFlat_g = most_g.eq(minimum_g)
  const full_g = torch.full(most_g.shape, 15, like(x_kg))
  const inverse_g = full_g.div(most_g.sub(minimum_g))
  const scale_g = inverse_g.reciprocal()
  const trial = new Trial(x_kg, weight_kg)
  trial.round(inverse_g, minimum_g)
  const error_g = trial.error(scale_g, minimum_g)
  for (let step = 0; step <= 20; step++) {
    // Full scale at 14 to 16 steps, as seen from the best minimum so far.
    full_g.fill_(fround(fround(-1 + fround(tenth * step)) + 15))
    trial.round(full_g.div(most_g.sub(minimum_g)), minimum_g)
    const { quants_g, squares_g: sumSquares_g, products_g } = trial.sums()
    const determinant_g = sumWeights_g.mul(sumSquares_g).sub_(quants_g.square())
    const fitted_g = sumSquares_g.mul(sumValues_g).sub_(quants_g.mul(products_g)).div_(determinant_g)
    const isAbove_g = fitted_g.gt(0)
    const line_g = sumWeights_g.mul(products_g).sub_(sumValues_g.mul(quants_g)).div_(determinant_g)
    const trialScale_g = torch.where(isAbove_g, products_g.div(sumSquares_g), line_g)
    const trialMinimum_g = fitted_g.maskedFill_(isAbove_g, 0)
    const trialError_g = trial.error(trialScale_g, trialMinimum_g)
    const isBetter_g = trialError_g.lt(error_g).logicalAnd_(determinant_g.gt(0))
    error_g.copy_(torch.where(isBetter_g, trialError_g, error_g))
    scale_g.copy_(torch.where(isBetter_g, trialScale_g, scale_g))
    minimum_g.copy_(torch.where(isBetter_g, trialMinimum_g, minimum_g))
  }
  return { scale_g: scale_g.maskedFill_(isFlat_g, 0), minimum_g }
}

/** Candidate integers and their error. Memory is reused for each. */
class Trial {
  readonly #x_kg: Tensor
  readonly #weight_kg: Tensor
  readonly #quants_kg: Tensor
  readonly #terms_k3g: Tensor
  readonly #rows: readonly Tensor[]
  readonly #error_kg: Tensor
  readonly #errorRows: readonly Tensor[]

  constructor(x_kg: Tensor, weight_kg: Tensor) {
    const [k, g] = x_kg.shape as [number, number]
    this.#x_kg = x_kg
    this.#weight_kg = weight_kg
    this.#quants_kg = torch.emptyLike(x_kg)
    this.#terms_k3g = torch.empty([k, 3, g], like(x_kg))
    this.#rows = rowsOf(this.#terms_k3g)
    this.#error_kg = torch.emptyLike(x_kg)
    this.#errorRows = rowsOf(this.#error_kg)
  }

  round(inverse_g: Tensor, minimum_g: Tensor): void {
    torch.sub(this.#x_kg, minimum_g, { out: this.#quants_kg })
    this.#quants_kg.mul_(inverse_g).round_().clamp_(0, 15)
  }

  /** Weighted sums of the integers, of their squares, and of their products with the values. */
  sums(): { readonly quants_g: Tensor; readonly squares_g: Tensor; readonly products_g: Tensor } {
    const [quants_kg, squares_kg, products_kg] = [0, 1, 2].map((at) => this.#terms_k3g.select(1, at)) as [
      Tensor,
      Tensor,
      Tensor,
    ]
    torch.mul(this.#weight_kg, this.#quants_kg, { out: quants_kg })
    torch.mul(quants_kg, this.#quants_kg, { out: squares_kg })
    torch.mul(quants_kg, this.#x_kg, { out: products_kg })
    const [quants_g, squares_g, products_g] = rowsOf(sumInOrder(this.#rows)) as [Tensor, Tensor, Tensor]
    return { quants_g, squares_g, products_g }
  }

  /** The weighted squared error of the integers. */
  error(scale_g: Tensor, minimum_g: Tensor): Tensor {
    torch.mul(this.#quants_kg, scale_g, { out: this.#error_kg })
    this.#error_kg.add_(minimum_g).sub_(this.#x_kg).square_().mul_(this.#weight_kg)
    return sumInOrder(this.#errorRows)
  }
}

const like = ({ device }: Tensor) => ({ device })
