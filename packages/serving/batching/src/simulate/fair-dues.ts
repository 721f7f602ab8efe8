/** What is whose by right: weighted max-min fairness, and how near something came to it. Pure. */

export interface Claim {
  /** What it could use. */
  readonly wants: number
  readonly weight: number
}

/**
 * `total` divided: nobody gets more than it wants, and what one does not want the others share by their weights.
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
  // Those who want least for their weight are satisfied first.
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
 * 1 where all are equal, 1 / n where one of n has everything: Jain, Chiu and Hawe, "A Quantitative Measure of Fairness" (1984).
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
