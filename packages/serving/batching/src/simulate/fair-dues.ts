/** Weighted max-min fairness, and a measure of how closely a result matches it. Pure. */

export interface Claim {
  /** Demand. */
  readonly wants: number
  readonly weight: number
}

/**
 * Divides `total`: no claim gets more than it wants, and unused shares go to the others by weight.
 *
 * @example
 * ```ts
 * import { fairDues } from '@hadal/batching'
 *
 * fairDues([{ weight: 1, wants: 10 }, { weight: 1, wants: 100 }], 60) // → [ 10, 50 ]
 * ```
 */
export function fairDues(claims: readonly Claim[], total: number): number[] {
  const dues = claims.map(() => 0)
  // The smallest demands relative to weight are satisfied first.
  const order = [...claims.keys()].sort(
    (a, b) => claims[a]!.wants / claims[a]!.weight - claims[b]!.wants / claims[b]!.weight,
  )
  let left = total
  let weights = claims.reduce((sum, { weight }) => sum + weight, 0)
  for (const at of order) {
    const { wants, weight } = claims[at]!
    dues[at] = Math.min(wants, (left * weight) / weights)
    left -= dues[at]!
    weights -= weight
  }
  return dues
}

/**
 * 1 if all values are equal, 1 / n if one of n has everything: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness"
 * (1984).
 *
 * @example
 * ```ts
 * import { jainIndex } from '@hadal/batching'
 *
 * jainIndex([1, 1, 1, 1]) // → 1
 * jainIndex([1, 0, 0, 0]) // → 0.25
 * ```
 */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0)
  const squares = values.reduce((total, value) => total + value ** 2, 0)
  return squares === 0 ? 1 : sum ** 2 / (values.length * squares)
}
