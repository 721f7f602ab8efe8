/**
 * Compares results of floating point arithmetic. Which kernel computes a sum, and so in which order, depends on the CPU, on BLAS and on
 * the shapes; only the size of the rounding errors does not. So every tolerance here is relative and follows from the number of
 * roundings, never from what one machine measured.
 */

import type { Tensor } from '@hadal/tensor'
import { expect } from 'vitest'

/** The largest relative error of rounding once to nearest. */
const unitRoundoff = {
  float64: 2 ** -53,
  float32: 2 ** -24,
  float16: 2 ** -11,
  bfloat16: 2 ** -8,
} as const

export type RoundedDType = keyof typeof unitRoundoff

/**
 * The relative difference that n roundings in a row explain, between two results that both have them. Of few it is at most 2 n u; of
 * many it grows like their root: λ √n u is exceeded with a probability below 2n exp(-λ²/2) (Higham and Mary, "A New Approach to
 * Probabilistic Rounding Error Analysis", 2019), and with λ = 8 in none of 10¹² comparisons. Count the longest path: a product of
 * matrices with n inner elements is n roundings, and layers that follow one another add up. In 16 bits only results are rounded: sums
 * are in float32.
 */
export function roundingBound(roundings: number, dtype: RoundedDType = 'float32'): number {
  return Math.min(2 * roundings, 8 * Math.sqrt(roundings)) * unitRoundoff[dtype]
}

export interface Closeness {
  /** How many roundings follow one another on the longest path to the result. */
  readonly roundings: number
  /** The precision in which they happen; float32 by default. */
  readonly dtype?: RoundedDType
  /** By how much the computation may amplify relative errors: the logit scale before a softmax, for example. 1 by default. */
  readonly condition?: number
  /** Norm of what was added up, where the result may be a small difference of large terms. */
  readonly scale?: number
}

type Numbers = number | ArrayLike<number> | Tensor

/** ‖ours − theirs‖ / max(‖theirs‖, scale) in Euclidean norms, computed in float64. NaN differs from everything. */
export function relativeError(ours: Numbers, theirs: Numbers, scale = 0): number {
  const [a, b] = [float64Of(ours), float64Of(theirs)]
  expect(a.length).toBe(b.length)
  const difference = norm(a.map((value, index) => value - b[index]!))
  return difference === 0 ? 0 : difference / Math.max(norm(b), scale)
}

/** Fails where results differ by more than their roundings explain. */
export function expectClose(ours: Numbers, theirs: Numbers, closeness: Closeness, what?: string): void {
  const { roundings, dtype, condition = 1, scale } = closeness
  const error = relativeError(ours, theirs, scale)
  expect(error, what).toBeLessThanOrEqual(condition * roundingBound(roundings, dtype))
}

/**
 * The same of each part of one result, such as the gradients of all parameters. A part is measured by its own norm, and by a hundredth
 * of the whole where that is larger: parts that are zero but for rounding, such as the gradient of a bias before a normalization, have
 * rounding errors of the size of the others'.
 */
export function expectAllClose(
  ours: readonly Numbers[],
  theirs: readonly Numbers[],
  closeness: Closeness,
  names: readonly string[] = [],
): void {
  expect(ours.length).toBe(theirs.length)
  const whole = norm(Float64Array.from(theirs, (each) => norm(float64Of(each))))
  for (const [index, each] of ours.entries())
    expectClose(
      each,
      theirs[index]!,
      { ...closeness, scale: Math.max(closeness.scale ?? 0, whole / 100) },
      names[index] ?? `part ${index}`,
    )
}

function float64Of(numbers: Numbers): Float64Array {
  if (typeof numbers === 'number') return Float64Array.of(numbers)
  if ('toTypedArray' in numbers) return numbers.detach().flatten().double().toTypedArray() as Float64Array
  return Float64Array.from(numbers)
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}
