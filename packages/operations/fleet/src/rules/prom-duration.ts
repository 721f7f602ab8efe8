/** Durations as Prometheus writes them. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

export const minute = 60_000
export const hour: number = 60 * minute
export const day: number = 24 * hour

/** In one unit, without rest: 300000 is `5m`, 90000 is `90s`; to the nearest millisecond. */
export function promDuration(millis: number): string {
  const whole = Math.round(millis)
  const [unit, size] = units.find(([, each]) => whole >= each && whole % each === 0) ?? ['s', 1000]
  return `${whole / size}${unit}`
}

/** Whole minutes, upwards: conditions of `for` and the tests' steps are those. */
export function wholeMinutes(millis: number): number {
  return Math.ceil(millis / minute) * minute
}
