/**
 * Which of several engines of one model takes a request: the one that knows most of its beginning, unless that has more to do
 * than is fair. Pure; the same rule as between servers (`upstream`'s `prefix` routing).
 */

export interface Candidate {
  /** Requests that it has and has not answered whole. */
  readonly outstanding: number
  /** Requests that it computes at the same time. */
  readonly places: number
  /** How much of the beginning it has computed before, in any unit. */
  readonly known: number
}

/**
 * So many times the mean may one have before requests go elsewhere: consistent hashing with bounded loads (Mirrokni, Thorup and
 * Zadimoghaddam 2018), where keys are beginnings.
 */
const loadBound = 1.25

/** Undefined of none. Of equals the first, so that the last ones are idle and can go. */
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
