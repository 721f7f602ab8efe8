/** Fewer points that look the same: of each column of pixels the lowest and the highest of every series. Pure. */

export interface Points {
  readonly x: readonly number[]
  readonly columns: readonly (readonly (number | null)[])[]
}

/**
 * `x` is ascending. Returns at most two points (and one gap) per series and pixel, including first and last; all if there are few. With a
 * range: points within it, and one beyond each side, so that lines continue.
 */
export function thin(points: Points, pixels: number, range?: readonly [number, number]): Points {
  const { x, columns } = points
  const first = range === undefined ? 0 : Math.max(0, firstAtLeast(x, range[0]) - 1)
  const end = range === undefined ? x.length : Math.min(x.length, firstAtLeast(x, range[1]) + 2)
  if (end - first <= 2 * pixels) return first === 0 && end === x.length ? points : slice(points, first, end)
  const kept = new Uint8Array(end - first)
  kept[0] = 1
  kept[end - first - 1] = 1
  const width = (x[end - 1]! - x[first]!) / pixels || 1
  for (const values of columns) keepExtremes(x, values, first, end, width, kept)
  const indexes: number[] = []
  for (let at = first; at < end; at++) if (kept[at - first] === 1) indexes.push(at)
  const pick = <T>(from: readonly T[]): T[] => indexes.map((at) => from[at]!)
  return { x: pick(x), columns: columns.map((values) => pick(values)) }
}

function keepExtremes(
  x: readonly number[],
  values: readonly (number | null)[],
  first: number,
  end: number,
  width: number,
  kept: Uint8Array,
): void {
  let pixel = 0
  let low = -1
  let high = -1
  let gap = -1
  const keep = (): void => {
    for (const at of [low, high, gap]) if (at !== -1) kept[at - first] = 1
    low = high = gap = -1
  }
  for (let at = first; at < end; at++) {
    const now = Math.floor((x[at]! - x[first]!) / width)
    if (now !== pixel) {
      keep()
      pixel = now
    }
    const value = values[at]
    if (value === null || value === undefined) gap = at
    else {
      if (low === -1 || value < values[low]!) low = at
      if (high === -1 || value > values[high]!) high = at
    }
  }
  keep()
}

function slice({ x, columns }: Points, first: number, end: number): Points {
  return { x: x.slice(first, end), columns: columns.map((values) => values.slice(first, end)) }
}

/** Index of the first value >= `wanted`; the length of `x` if there is none. */
export function firstAtLeast(x: readonly number[], wanted: number): number {
  let low = 0
  let high = x.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (x[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
