/** Sets of Unicode code points as sorted disjoint inclusive ranges. Surrogates are excluded, because model output is valid Unicode. */

export type CodePoints = readonly (readonly [from: number, to: number])[]

export const everyCodePoint: CodePoints = [
  [0, 0xd7ff],
  [0xe000, 0x10ffff],
]

/** Sorts, merges adjacent ranges, and removes surrogates. */
export function codePoints(...ranges: readonly (readonly [number, number])[]): CodePoints {
  return intersectCodePoints(join(ranges), everyCodePoint)
}

export function codePointsOf(text: string): CodePoints {
  return codePoints(...Array.from(text, (c): [number, number] => [c.codePointAt(0)!, c.codePointAt(0)!]))
}

export function unionCodePoints(...sets: readonly CodePoints[]): CodePoints {
  return join(sets.flat())
}

export function intersectCodePoints(a: CodePoints, b: CodePoints): CodePoints {
  const out: [number, number][] = []
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    const from = Math.max(a[i]![0], b[j]![0])
    const to = Math.min(a[i]![1], b[j]![1])
    if (from <= to) out.push([from, to])
    if (a[i]![1] < b[j]![1]) i++
    else j++
  }
  return out
}

export function negateCodePoints(set: CodePoints): CodePoints {
  const out: [number, number][] = []
  let next = 0
  for (const [from, to] of set) {
    if (from > next) out.push([next, from - 1])
    next = to + 1
  }
  if (next <= 0x10ffff) out.push([next, 0x10ffff])
  return intersectCodePoints(out, everyCodePoint)
}

export function hasCodePoint(set: CodePoints, codePoint: number): boolean {
  return set.some(([from, to]) => from <= codePoint && codePoint <= to)
}

/** The element of a single-element set. */
export function singleCodePoint(set: CodePoints): number | undefined {
  const [first] = set
  return set.length === 1 && first![0] === first![1] ? first![0] : undefined
}

function join(ranges: readonly (readonly [number, number])[]): CodePoints {
  const sorted = ranges.filter(([from, to]) => from <= to).toSorted((a, b) => a[0] - b[0])
  const out: [number, number][] = []
  for (const [from, to] of sorted) {
    const last = out.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else out.push([from, to])
  }
  return out
}
