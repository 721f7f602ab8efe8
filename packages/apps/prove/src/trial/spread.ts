/** Statistics of repeated measurements, and their text. */

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** The standard deviation of a sample; 0 of a single value. */
export function deviation(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = average(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/** Standard error of the mean. */
export const standardError = (values: readonly number[]): number =>
  deviation(values) / Math.sqrt(values.length)

/** `89.59 ± 0.11`, `−0.43 ± 0.63`. */
export const spread = (values: readonly number[], digits = 2): string =>
  `${average(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`.replace('-', '−')
