/** The value range of a chart. Pure. */

export interface RangeOptions {
  readonly marks: readonly { readonly value: number }[]
  readonly floor: number | null
  readonly isLogarithmic: boolean
}

/** A mark is in sight unless the curves would be flat for it. */
export function rangeOf(
  low: number | null,
  high: number | null,
  { marks, floor, isLogarithmic }: RangeOptions,
): [number, number] {
  const near = marks.map(({ value }) => value).filter((value) => high === null || value <= 3 * high)
  const top = Math.max(high ?? 0, ...near)
  if (isLogarithmic) {
    const least = low === null || low <= 0 ? 0.1 : low
    return [10 ** Math.floor(Math.log10(least)), 10 ** Math.ceil(Math.log10(Math.max(top, least * 1.01)))]
  }
  const lowest = low ?? 0
  const bottom = floor === null ? lowest : Math.min(floor, lowest)
  const room = (top - bottom || Math.abs(top) || 1) * 0.06
  return [floor !== null && bottom === floor ? bottom : bottom - room, top + room]
}
