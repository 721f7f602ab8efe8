/** Curves of runs on a common axis, as chart input. Pure. */

import type { Curve } from './curves-of-run.ts'

export type Axis = 'step' | 'time' | 'units'

export interface Progress {
  readonly steps: readonly number[]
  readonly seconds: readonly number[]
  readonly units: readonly number[]
}

export interface Aligned {
  readonly x: readonly number[]
  /** For each curve as many as there are `x`; null before its first point and behind its last. */
  readonly values: readonly (readonly (number | null)[])[]
}

/** Where the steps of a curve stand on `axis`. */
export function placesOf({ steps }: Curve, axis: Axis, progress: Progress): readonly number[] {
  if (axis === 'step') return steps
  const on = axis === 'time' ? progress.seconds : progress.units
  return steps.map((step) => between(progress.steps, on, step))
}

/** Exponential moving average: `share` is the weight of the previous average, without bias to 0 at the start (as in TensorBoard). */
export function smoothed(values: readonly number[], share: number): readonly number[] {
  if (share <= 0) return values
  let sum = 0
  let weight = 0
  return values.map((value) => {
    sum = sum * share + value * (1 - share)
    weight = weight * share + (1 - share)
    return sum / weight
  })
}

/** Each curve is a straight line between its points. `x` of each rises. */
export function align(
  curves: readonly { readonly x: readonly number[]; readonly y: readonly number[] }[],
): Aligned {
  const all = [...new Set(curves.flatMap(({ x }) => x))].sort((a, b) => a - b)
  return { x: all, values: curves.map(({ x, y }) => along(all, x, y)) }
}

function along(all: readonly number[], x: readonly number[], y: readonly number[]): (number | null)[] {
  let at = 0
  return all.map((place) => {
    while (at < x.length && x[at]! < place) at += 1
    if (at === x.length) return null
    // The last of several values at one position.
    while (at + 1 < x.length && x[at + 1] === place) at += 1
    if (x[at] === place) return y[at]!
    if (at === 0) return null
    const [left, right] = [x[at - 1]!, x[at]!]
    return y[at - 1]! + ((y[at]! - y[at - 1]!) * (place - left)) / (right - left)
  })
}

/** `values` at `place` of `places`, which rise; as at the ends beyond them. */
function between(places: readonly number[], values: readonly number[], place: number): number {
  if (places.length === 0) return 0
  let low = 0
  let high = places.length - 1
  if (place <= places[0]!) return values[0]!
  if (place >= places[high]!) return values[high]!
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (places[middle]! <= place) low = middle
    else high = middle
  }
  const share = (place - places[low]!) / (places[high]! - places[low]!)
  return values[low]! + share * (values[high]! - values[low]!)
}
