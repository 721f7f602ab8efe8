/**
 * Partitions overlapping character sets into disjoint numbered classes. Construction and minimization use the numbers, so a class with
 * hundreds of ranges costs no more than a character.
 */

import { type CodePoints, unionCodePoints } from './code-points.ts'

export class CharacterClasses {
  /** By number. */
  readonly members: readonly CodePoints[]
  private readonly classesOfSet = new Map<string, readonly number[]>()
  private readonly unions = new Map<string, CodePoints>()
  private readonly keys = new Map<CodePoints, string>()

  constructor(sets: Iterable<CodePoints>) {
    const distinct = new Map<string, CodePoints>()
    for (const set of sets) distinct.set(this.keyOf(set), set)
    const keys = [...distinct.keys()]
    const parts = cut([...distinct.values()])
    this.members = parts.map(({ ranges }) => unionCodePoints(ranges))
    const classes = keys.map((): number[] => [])
    for (const [number, { within }] of parts.entries()) for (const set of within) classes[set]!.push(number)
    for (const [i, key] of keys.entries()) this.classesOfSet.set(key, classes[i]!)
  }

  /** The classes that make up a set. */
  of(set: CodePoints): readonly number[] {
    return this.classesOfSet.get(this.keyOf(set))!
  }

  /** The same set for the same numbers, whose key is then computed once. */
  union(numbers: readonly number[]): CodePoints {
    const key = numbers.join()
    const known = this.unions.get(key)
    if (known !== undefined) return known
    const union = unionCodePoints(...numbers.map((number) => this.members[number]!))
    this.unions.set(key, union)
    return union
  }

  private keyOf(set: CodePoints): string {
    const known = this.keys.get(set)
    if (known !== undefined) return known
    const key = set.join()
    this.keys.set(set, key)
    return key
  }
}

/** Ranges of code points by the sets that contain them. */
function cut(
  sets: readonly CodePoints[],
): { readonly ranges: [number, number][]; readonly within: readonly number[] }[] {
  const cuts = new Map<number, { opens: number[]; closes: number[] }>()
  const at = (point: number): { opens: number[]; closes: number[] } => {
    const seen = cuts.get(point) ?? { opens: [], closes: [] }
    cuts.set(point, seen)
    return seen
  }
  for (const [index, set] of sets.entries()) {
    for (const [from, to] of set) {
      at(from).opens.push(index)
      at(to + 1).closes.push(index)
    }
  }
  const open = new Set<number>()
  const parts = new Map<string, { ranges: [number, number][]; within: number[] }>()
  const sorted = [...cuts].toSorted((a, b) => a[0] - b[0])
  for (const [i, [from, { opens, closes }]] of sorted.entries()) {
    for (const index of closes) open.delete(index)
    for (const index of opens) open.add(index)
    if (open.size === 0) continue
    const within = [...open].toSorted((x, y) => x - y)
    const part = parts.get(within.join()) ?? { ranges: [], within }
    part.ranges.push([from, sorted[i + 1]![0] - 1])
    parts.set(within.join(), part)
  }
  return [...parts.values()]
}
