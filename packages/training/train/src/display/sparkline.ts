/** A course of numbers as one line of bars. Pure. */

const bars = '▁▂▃▄▅▆▇█'
/** Marks NaN and infinite values. */
const issue = '×'
/** Values that span more than this factor are drawn on a log scale, so that late progress stays visible. */
const linearUpTo = 4

/** One character per value; with more values than characters, each shows the mean of its share. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = scaled(resample(values, width))
  const finite = shown.filter(Number.isFinite)
  const low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return issue
      const part = high > low ? (value - low) / (high - low) : 0.5
      return bars[Math.round(part * (bars.length - 1))]
    })
    .join('')
}

/** At most `width` values, each the mean of an equal share in order. */
export function resample(values: readonly number[], width: number): readonly number[] {
  if (values.length <= width) return values
  return Array.from({ length: width }, (_, column) => {
    const share = values.slice(
      Math.floor((column * values.length) / width),
      Math.floor(((column + 1) * values.length) / width),
    )
    return share.reduce((sum, value) => sum + value, 0) / share.length
  })
}

function scaled(values: readonly number[]): readonly number[] {
  const finite = values.filter(Number.isFinite)
  const low = Math.min(...finite)
  return low > 0 && Math.max(...finite) > linearUpTo * low ? values.map(Math.log) : values
}
