/** Axis ticks at whole hours or days. Pure. */

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const apartMillis = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10_080, 43_200].map(
  (each) => each * minute,
)

/** With their indexes in `times`, which are sorted and equally spaced; at most `most`. */
export function roundTimes(
  times: readonly number[],
  most: number,
): readonly (readonly [place: number, at: number])[] {
  const [first, last] = [times[0], times.at(-1)]
  if (first === undefined || last === undefined) return []
  const step = times.length < 2 ? hour : (last - first) / (times.length - 1)
  const apart = apartMillis.find((each) => (times.length * step) / each <= Math.max(1, most)) ?? 365 * day
  const named: [number, number][] = []
  for (let at = Math.ceil(first / apart) * apart; at <= last; at += apart)
    named.push([Math.round((at - first) / step), at])
  return named
}

/** When all are whole days (`Mon 05 00:00`) the hour is left out. */
export const axisTexts = (texts: readonly string[]): readonly string[] =>
  texts.every((text) => text.endsWith(' 00:00')) ? texts.map((text) => text.slice(0, -6)) : texts
