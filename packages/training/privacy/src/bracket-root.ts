/**
 * Finds the root of an increasing function with few evaluations, because they are expensive. Oliveira & Takahashi, "An Enhancement
 * of the Bisection Method Average Performance Preserving Minmax Optimality" (2020): never more evaluations than bisection plus one.
 */

/** Around a crossing: the function is at most 0 at `low` and above 0 at `high`. */
export interface Bracket {
  readonly low: number
  readonly high: number
}

/**
 * Narrows a bracket to a width.
 *
 * @param valueAt rising; may be infinite
 * @param width whole where `isWhole`
 * @param isWhole whether the function is evaluated at integers only
 */
export function bracketRoot(
  valueAt: (x: number) => number,
  { low, high }: Bracket,
  width: number,
  isWhole = false,
): Bracket {
  let valueLow = valueAt(low)
  let valueHigh = valueAt(high)
  const truncation = 0.2 / (high - low)
  const looks = Math.ceil(Math.log2((high - low) / width)) + 1
  for (let look = 0; high - low > width; look += 1) {
    const middle = (low + high) / 2
    const secant = (valueHigh * low - valueLow * high) / (valueHigh - valueLow)
    const guess = Number.isFinite(secant) ? secant : middle
    const side = Math.sign(middle - guess)
    const shift = truncation * (high - low) ** 2
    const truncated = shift <= Math.abs(middle - guess) ? guess + side * shift : middle
    const reach = Math.max(0, width * 2 ** (looks - look - 1) - (high - low) / 2)
    const projected = Math.abs(truncated - middle) <= reach ? truncated : middle - side * reach
    // Half a width inside the bracket, so that a guess on the crossing itself narrows it from both sides.
    const kept = Math.min(Math.max(projected, low + width / 2), high - width / 2)
    const x = isWhole ? Math.min(Math.max(Math.round(kept), low + 1), high - 1) : kept
    const value = valueAt(x)
    if (value > 0) {
      high = x
      valueHigh = value
    } else {
      low = x
      valueLow = value
    }
  }
  return { low, high }
}
