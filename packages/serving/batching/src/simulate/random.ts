/** Random numbers that are reproducible from a seed. */

/** Uniform in [0, 1): mulberry32. */
export type Random = () => number

/**
 * Time to the next arrival of a Poisson process, in units of 1 / `rate`.
 *
 * @example
 * ```ts
 * import { exponential, seededRandom } from '@hadal/batching'
 *
 * const random = seededRandom(1)
 * const betweenArrivals = exponential(random, 5) // seconds, at five a second
 * betweenArrivals > 0 // → true
 * ```
 */
export function exponential(random: Random, rate: number): number {
  return -Math.log(1 - random()) / rate
}

/**
 * Standard normal (Box-Muller).
 *
 * @example
 * ```ts
 * import { normal, seededRandom } from '@hadal/batching'
 *
 * const random = seededRandom(1)
 * const draws = Array.from({ length: 1_000 }, () => normal(random)) // mean 0, deviation 1
 * Math.abs(draws.reduce((sum, draw) => sum + draw, 0) / 1_000) < 0.1 // → true
 * ```
 */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Gamma with mean 1 and squared coefficient of variation 1 / `shape`: Marsaglia and Tsang, "A simple method" (2000). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) {
    // Drawn with the shape increased by 1 and then scaled down (their section 6); both have unit scale.
    const above = gamma(random, shape + 1) * (shape + 1)
    return (above * (1 - random()) ** (1 / shape)) / shape
  }
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  while (true) {
    const x = normal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return (d * v) / shape
  }
}

/** Returns an index, drawn with these weights. */
export function pick(random: Random, weights: readonly number[]): number {
  let left = random() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [index, weight] of weights.entries()) {
    left -= weight
    if (left < 0) return index
  }
  return weights.length - 1
}
