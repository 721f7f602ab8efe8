/**
 * What has become of a job, judged from what is known of its ranks: whether it goes on, ended well, or which rank ended it. Pure: time
 * is an argument.
 */

export interface RankState {
  readonly rank: number
  /** Steps done, once it said so. */
  readonly step: number | undefined
  /** When it last said anything. */
  readonly heardMillis: number
  /** It has not loaded its recipe yet. */
  readonly isLoading: boolean
  /** It trains: silence means something. */
  readonly isWatched: boolean
  /** The system says that it is suspended. */
  readonly isSuspended: boolean
  readonly end: RankEnd | undefined
}

export interface RankEnd {
  readonly atMillis: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Exit code 0, or it said that it was done. */
  readonly isProper: boolean
  /** Of the error that it ended with, if that has one. */
  readonly errorCode: string | undefined
}

export type Verdict =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly rank: number }
  | { readonly kind: 'hangs'; readonly ranks: readonly number[] }

/** After a failure others may follow that say more of it: those that failed because of it are not to be named for it. */
export const settleMillis = 300

/** Who waits for a rank that hangs finds out a little later than its silence is noticed. */
const patience = (timeoutMillis: number): number => 1.5 * timeoutMillis + 1000

export function judgeRanks(states: readonly RankState[], nowMillis: number, timeoutMillis: number): Verdict {
  const alive = states.filter(({ end }) => end === undefined)
  const failed = states.filter(({ end }) => end && !end.isProper).sort(byEnd)
  if (alive.length === 0 && failed.length === 0) return { kind: 'ended' }
  const killed = failed.find(({ end }) => end!.signal !== null)
  if (killed) return { kind: 'failed', rank: killed.rank }
  if (failed.length > 0) return judgeFailed(failed, alive, nowMillis)
  return judgeSilent(alive, nowMillis, timeoutMillis)
}

function judgeFailed(failed: readonly RankState[], alive: readonly RankState[], nowMillis: number): Verdict {
  const hasSettled = alive.length === 0 || nowMillis - failed[0]!.end!.atMillis >= settleMillis
  if (!hasSettled) return { kind: 'running' }
  const causes = failed.filter(({ end }) => !isConsequence(end!.errorCode))
  if (causes.length > 0) {
    // What goes wrong before the first step mostly does so in all of them: then rank 0 speaks.
    const isEarly = causes.every(({ step }) => step === undefined)
    const cause = isEarly ? causes.reduce((a, b) => (b.rank < a.rank ? b : a)) : causes[0]!
    return { kind: 'failed', rank: cause.rank }
  }
  // All that failed waited in vain for one that is still there, or for one of another machine.
  const hanging = alive.filter(({ isWatched, isLoading }) => isWatched || isLoading)
  return hanging.length > 0
    ? { kind: 'hangs', ranks: hanging.map(({ rank }) => rank) }
    : { kind: 'failed', rank: failed[0]!.rank }
}

function judgeSilent(alive: readonly RankState[], nowMillis: number, timeoutMillis: number): Verdict {
  const silence = ({ heardMillis }: RankState): number => nowMillis - heardMillis
  const silent = alive.filter((state) => state.isWatched && silence(state) >= timeoutMillis)
  if (silent.length === 0) return { kind: 'running' }
  const suspended = silent.filter(({ isSuspended }) => isSuspended)
  if (suspended.length > 0) return hangs(suspended)
  // Others wait for the one that hangs and are soon as silent: unless they go on, only their own errors tell who it was.
  const goesOn = alive.some((state) => state.isWatched && silence(state) < timeoutMillis / 2)
  const longest = Math.max(...silent.map(silence))
  return goesOn || longest >= patience(timeoutMillis) ? hangs(silent) : { kind: 'running' }
}

const hangs = (states: readonly RankState[]): Verdict => ({
  kind: 'hangs',
  ranks: states.map(({ rank }) => rank),
})

/** Errors of a rank that another one was lost to. */
export const isConsequence = (errorCode: string | undefined): boolean =>
  errorCode === 'tensor_distributed_peer_lost' || errorCode === 'tensor_distributed_join_failed'

const byEnd = (a: RankState, b: RankState): number => a.end!.atMillis - b.end!.atMillis
