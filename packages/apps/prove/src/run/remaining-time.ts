/** Estimates the remaining time: expected duration of each claim, scaled by the pace of finished ones. */

export interface DoneClaim {
  readonly expectedMillis: number
  readonly tookMillis: number
}

export interface RemainingClaims {
  readonly done: readonly DoneClaim[]
  /** The one that is being measured. */
  readonly current?: { readonly expectedMillis: number; readonly sinceMillis: number }
  /** Expected durations of claims not yet started. */
  readonly rest: readonly number[]
}

export function remainingMillis({ done, current, rest }: RemainingClaims): number {
  // A claim that takes longer than expected already changes the pace of the remaining ones.
  const isLate = current !== undefined && current.sinceMillis > current.expectedMillis
  const late = isLate ? [{ expectedMillis: current.expectedMillis, tookMillis: current.sinceMillis }] : []
  const pace = paceOf([...done, ...late])
  const ahead = rest.reduce((sum, millis) => sum + millis * pace, 0)
  const here = current === undefined ? 0 : Math.max(0, current.expectedMillis * pace - current.sinceMillis)
  return here + ahead
}

/** Ratio of actual to expected duration. The expectation counts as one more claim, so that the first claim does not decide alone. */
function paceOf(done: readonly DoneClaim[]): number {
  const expected = done.reduce((sum, each) => sum + each.expectedMillis, 0)
  if (expected === 0) return 1
  const usual = expected / done.length
  return (done.reduce((sum, each) => sum + each.tookMillis, 0) + usual) / (expected + usual)
}
