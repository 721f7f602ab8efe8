/** Durations as Prometheus and Alertmanager write them: whole numbers with their units, `1h30m`. */

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

/** 5_400_000 to `1h30m`, 0 to `0s`. Parts of a millisecond are rounded away. */
export function promDuration(millis: number): string {
  let left = Math.round(millis)
  let text = ''
  for (const [unit, size] of units) {
    const count = Math.floor(left / size)
    if (count > 0) text += `${count}${unit}`
    left -= count * size
  }
  return text || '0s'
}
