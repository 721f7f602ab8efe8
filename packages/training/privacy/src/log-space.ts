/** Sums of numbers that are kept as their logarithms, because they are too large or too small for a double. */

/** ln(exp(a) + exp(b)). */
export function logAdd(a: number, b: number): number {
  const larger = Math.max(a, b)
  if (larger === Number.NEGATIVE_INFINITY || larger === Number.POSITIVE_INFINITY) return larger
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger))
}

/** ln(exp(a) - exp(b)); -Infinity where rounding made b the larger. */
export function logSubtract(a: number, b: number): number {
  if (b === Number.NEGATIVE_INFINITY) return a
  if (b >= a) return Number.NEGATIVE_INFINITY
  return a + Math.log(-Math.expm1(b - a))
}
