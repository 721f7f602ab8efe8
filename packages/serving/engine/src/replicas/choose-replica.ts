/**
 * Chooses the replica for a request: the one that has computed most of its prefix, unless its load exceeds the bound. Pure; the
 * same rule as between servers (`upstream`'s `prefix` routing).
 */

export interface Candidate {
  /** Its unfinished requests. */
  readonly outstanding: number
  /** Its maximum number of concurrent requests. */
  readonly places: number
  /** How much of the prefix it has computed before, in any unit. */
  readonly known: number
}

/**
 * Maximum load relative to the mean: consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam 2018), with
 * prefixes as keys.
 */
const loadBound = 1.25

/** Undefined if there are no candidates. The first among equals, so that the last replicas become idle and can be removed. */
export function chooseReplica<Of extends Candidate>(candidates: readonly Of[]): Of | undefined {
  const free = candidates.filter(({ outstanding, places }) => outstanding < places)
  const meant = free.length > 0 ? free : candidates
  const sum = meant.reduce((total, { outstanding }) => total + outstanding, 0)
  const most = Math.ceil((loadBound * (sum + 1)) / meant.length)
  let best: Of | undefined
  for (const each of meant) if (each.outstanding < most && isBetter(each, best)) best = each
  return best
}

function isBetter(one: Candidate, other: Candidate | undefined): boolean {
  if (other === undefined || one.known !== other.known) return one.known > (other?.known ?? -1)
  return one.outstanding < other.outstanding
}
