/** Groups failures into bursts. One that ended hours before the last began was survived, and rarely explains why a log ends. */

export interface Point {
  readonly text: number
  readonly line: number
  readonly at?: number
}

const quietMillis = 10 * 60_000
/** Where no times are known. */
const quietLines = 200

/** For each point: 0 for one of the last burst, -1 for one of the burst before it, and so on. */
export function burstsOf(points: readonly Point[]): readonly number[] {
  const bursts = new Array<number>(points.length).fill(0)
  const place = (of: (point: Point) => number | undefined, quiet: number): void => {
    const placed = points
      .map((point, index) => ({ index, position: of(point) }))
      .filter((each): each is { index: number; position: number } => each.position !== undefined)
      .toSorted((a, b) => b.position - a.position)
    let burst = 0
    for (const [nth, { index, position }] of placed.entries()) {
      if (nth > 0 && placed[nth - 1]!.position - position > quiet) burst -= 1
      bursts[index] = burst
    }
  }
  place(({ at }) => at, quietMillis)
  for (const text of new Set(points.map((point) => point.text)))
    place((point) => (point.text === text && point.at === undefined ? point.line : undefined), quietLines)
  return bursts
}
