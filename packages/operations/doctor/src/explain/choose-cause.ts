/** Chooses the root cause among those found. Pure; uses catalogue relations and positions, not text. */

import type { CauseSeverity } from './cause.ts'

export interface Candidate {
  readonly id: string
  readonly severity: CauseSeverity
  /** Below 0: unspecific. */
  readonly weight: number
  /** First line of each text, in their order. */
  readonly firstLine: number
  readonly firstAt?: number
  readonly lastAt?: number
  /** Which stretch of failures it belongs to: higher is later. */
  readonly burst: number
}

export interface Choice<T extends Candidate> {
  readonly cause: T | undefined
  /** What the cause brought about. */
  readonly consequences: readonly T[]
  readonly others: readonly T[]
}

/** Entries at or below this weight are listed, but never the cause. */
const neverAlone = -2

/** What comes so much later than the last of its consequences did not bring them about. Clocks of machines differ by less. */
const clockSlackMillis = 5 * 60_000

const ranks: Readonly<Record<CauseSeverity, number>> = { note: 0, warning: 1, error: 2, critical: 3 }

/** `reaches(a, b)`: where both are seen, a brought b about. */
export function chooseCause<T extends Candidate>(
  seen: readonly T[],
  reaches: (from: string, to: string) => boolean,
): Choice<T> {
  const explains = (a: T, b: T): boolean => a !== b && reaches(a.id, b.id) && !isTooLate(a, b)
  // Two that explain each other are one matter: neither makes the other a consequence.
  const isExplained = (b: T): boolean => seen.some((a) => explains(a, b) && !explains(b, a))
  const roots = seen.filter((each) => each.weight > neverAlone && !isExplained(each))
  const coverage = new Map(roots.map((root) => [root, seen.filter((each) => explains(root, each)).length]))
  const cause = roots.toSorted(
    (a, b) =>
      Number(b.weight >= 0) - Number(a.weight >= 0) ||
      ranks[b.severity] - ranks[a.severity] ||
      b.burst - a.burst ||
      b.weight - a.weight ||
      coverage.get(b)! - coverage.get(a)! ||
      a.firstLine - b.firstLine,
  )[0]
  const inOrder = seen.filter((each) => each !== cause).toSorted((a, b) => a.firstLine - b.firstLine)
  const isConsequence = (each: T): boolean => cause !== undefined && explains(cause, each)
  return {
    cause,
    consequences: inOrder.filter(isConsequence),
    others: inOrder.filter((each) => !isConsequence(each)),
  }
}

const isTooLate = (a: Candidate, b: Candidate): boolean =>
  a.firstAt !== undefined && b.lastAt !== undefined && a.firstAt > b.lastAt + clockSlackMillis

/** Follows `explains` from entry to entry, also over causes that were not seen. */
export function reachesOf(
  catalogue: readonly { readonly id: string; readonly explains?: readonly string[] }[],
): (from: string, to: string) => boolean {
  const direct = new Map(catalogue.map(({ id, explains }) => [id, explains ?? []]))
  const known = new Map<string, ReadonlySet<string>>()
  const reachable = (from: string): ReadonlySet<string> => {
    const found = known.get(from)
    if (found !== undefined) return found
    const all = new Set<string>()
    const open = [...(direct.get(from) ?? [])]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (all.has(next)) continue
      all.add(next)
      open.push(...(direct.get(next) ?? []))
    }
    known.set(from, all)
    return all
  }
  return (from, to) => reachable(from).has(to)
}
