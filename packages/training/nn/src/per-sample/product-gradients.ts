/**
 * Gradients that are products of two factors, and sums of such where a model uses one matrix several times, as a tied head does.
 * Norms come from whichever is cheaper: from the factors' inner products between places (ghost norms, Li et al. 2021,
 * arXiv:2110.05679) or from the products themselves.
 *
 * Shapes: b samples, n of them, g groups, t places, o outputs, i inputs.
 */

import { scope, type Tensor, torch } from '@hadal/tensor'
import type { Factors } from './factors.ts'
import { Kept, rowSquares } from './kept.ts'
import { ExplicitGradients, inChunks, type SampleGradients } from './sample-gradients.ts'

export class ProductGradients implements SampleGradients {
  readonly factors: Factors
  #explicit: ExplicitGradients | undefined

  constructor(factors: Factors) {
    this.factors = factors
  }

  squares(): Tensor {
    const { factors } = this
    if (factors.places === 1) return scope(() => factors.outerSquares())
    if (isSmall([factors])) return this.#asExplicit().squares()
    return productSquares([factors])
  }

  explicit(from: number, count: number): Tensor {
    return this.#explicit?.explicit(from, count) ?? explicitProducts(this.factors, from, count)
  }

  sum(factors: Tensor): Tensor {
    return (this.#explicit ?? this.factors).sum(factors)
  }

  drop(mask: Tensor): void {
    ;(this.#explicit ?? this.factors).drop(mask)
  }

  free(): void {
    ;(this.#explicit ?? this.factors).free()
  }

  /** From now on; the factors are larger. */
  #asExplicit(): ExplicitGradients {
    if (this.#explicit) return this.#explicit
    const { factors } = this
    const { samples, groups, places, outputs, inputs } = factors
    const elements = groups * (places * (outputs + inputs) + outputs * inputs)
    const all = inChunks(samples, elements, (from, count) => explicitProducts(factors, from, count))
    this.#explicit = new ExplicitGradients(new Kept(all))
    factors.free()
    return this.#explicit
  }
}

/** Squared norms [b], in fp32, of each sample's gradient of a parameter, which is the sum of what all its uses give. */
export function squaresOf(uses: readonly SampleGradients[], samples: number, elements: number): Tensor {
  if (uses.length === 1) return uses[0]!.squares()
  const factors = uses.flatMap((use) =>
    use instanceof ProductGradients && use.factors.groups === 1 ? [use.factors] : [],
  )
  if (factors.length === uses.length && !isSmall(factors)) return productSquares(factors)
  return inChunks(samples, 2 * elements, (from, count) => {
    const parts = uses.map((use) => use.explicit(from, count))
    return rowSquares(parts.reduce((sum, part) => sum.add(part)))
  })
}

/** Whether products are cheaper than inner products between all places, t (o + i) against o i; then they are also no larger. */
function isSmall(factors: readonly Factors[]): boolean {
  const { outputs, inputs } = factors[0]!
  const places = factors.reduce((sum, each) => sum + each.places, 0)
  return outputs * inputs <= places * (outputs + inputs)
}

/** |Σ leftᵀ right|² without these products: sums over pairs of places of (left · left') (right · right'). */
function productSquares(factors: readonly Factors[]): Tensor {
  const { samples, groups, outputs, inputs } = factors[0]!
  const places = factors.reduce((sum, each) => sum + each.places, 0)
  const elements = groups * places * (2 * places + outputs + inputs)
  return inChunks(samples, elements, (from, count) => {
    const halves = factors.map((each) => ({ left: each.left(from, count), right: each.right(from, count) }))
    const pairs = halves.flatMap((half, k) =>
      halves.slice(k).map((other) => {
        const inner_nn = innerProducts(half.right, other.right)
        const sum = inner_nn.mul_(leftProducts(half.left, other.left)).sum([1, 2])
        return half === other ? sum : sum.mul_(2)
      }),
    )
    const sum = pairs.reduce((total, each) => total.add_(each))
    // Rounding may take a sum that is 0 below it.
    return sum.view([count, groups]).sum(1).clampMin_(0)
  })
}

/** [n, t, d] and [n, t', d] to [n, t, t']. */
const innerProducts = (a: Tensor, b: Tensor): Tensor => torch.bmm(a, b.transpose(1, 2))

/** The same where either may say by its number which output is one: [n, t]. */
function leftProducts(a: Tensor, b: Tensor): Tensor {
  if (a.ndim === 3 && b.ndim === 3) return innerProducts(a, b)
  if (a.ndim === 2 && b.ndim === 2) return a.unsqueeze(2).eq(b.unsqueeze(1))
  if (a.ndim === 2) return leftProducts(b, a).transpose(1, 2)
  const [n, t] = a.shape as [number, number, number]
  return a.gather(2, b.long().unsqueeze(1).expand([n, t, b.shape[1]!]))
}

/** [n, elements] */
function explicitProducts(factors: Factors, from: number, count: number): Tensor {
  return scope(() => {
    const { outputs, inputs } = factors
    const [left, right] = [factors.left(from, count), factors.right(from, count)]
    if (left.ndim === 3) return torch.bmm(left.transpose(1, 2), right).view([count, -1])
    const begins = torch.arange(count, { device: left.device }).mul(outputs).unsqueeze(1)
    const rows = torch.zeros([count * outputs, inputs], { dtype: right.dtype, device: right.device })
    return rows.indexAdd_(0, left.add(begins).flatten(), right.flatten(0, 1)).view([count, -1])
  })
}
