/** What rounds come to. Pure. */

/** Of 0 values NaN. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

/** How many times as much the upper quartile is as the lower: of three rounds, the most as the least. */
export const quartileRatio = (values: readonly number[]): number =>
  quantile(values, 0.75) / quantile(values, 0.25)

/** Of an even number the mean of the middle two; of 0 values NaN. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
