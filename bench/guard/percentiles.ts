/** Of measured times. */

export interface Percentiles {
  readonly p50: number
  readonly p99: number
  readonly most: number
}

export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!
  return { p50: at(0.5), p99: at(0.99), most: sorted.at(-1)! }
}
