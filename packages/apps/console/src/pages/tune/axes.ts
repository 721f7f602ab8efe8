/** Where numbers stand on a drawing's logarithmic axes, and which of them are named. Pure. */

export interface Axis {
  readonly low: number
  readonly high: number
  readonly ticks: readonly number[]
  /** From 0 to 1. */
  readonly at: (value: number) => number
}

/** Contains all `values`, with some margin. `most`: maximum number of ticks. */
export function logAxis(values: readonly number[], most = 6): Axis {
  const known = values.filter((value) => value > 0 && Number.isFinite(value))
  const least = known.length === 0 ? 1 : Math.min(...known)
  const greatest = known.length === 0 ? 10 : Math.max(...known)
  const low = least / 1.25
  const high = Math.max(greatest * 1.25, low * 2)
  const span = Math.log(high / low)
  return {
    low,
    high,
    ticks: thinned(roundNumbers(low, high), most),
    at: (value) => Math.log(value / low) / span,
  }
}

/** 1, 2 and 5 of each power of ten. */
function roundNumbers(low: number, high: number): number[] {
  const found: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1)
    for (const digit of [1, 2, 5]) {
      const value = digit * 10 ** power
      if (value >= low && value <= high) found.push(value)
    }
  return found
}

function thinned(ticks: readonly number[], most: number): readonly number[] {
  if (ticks.length <= most) return ticks
  const powers = ticks.filter((tick) => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9))
  if (powers.length >= 2 && powers.length <= most) return powers
  const each = Math.ceil(ticks.length / most)
  return ticks.filter((_, index) => index % each === 0)
}
