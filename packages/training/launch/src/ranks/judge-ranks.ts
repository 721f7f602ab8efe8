/** Judges a job by the state of its ranks: running, succeeded, or failed because of which rank. Pure: time is an argument. */

export interface RankState {
  readonly rank: number
  /** Steps done, once reported. */
  readonly step: number | undefined
  /** Time of its last report. */
  readonly heardMillis: number
  /** When it had loaded its recipe and began to connect to the others. */
  readonly openedMillis: number | undefined
  /** It trains: silence means something. */
  readonly isWatched: boolean
  /** The system reports it as suspended. */
  readonly isSuspended: boolean
  readonly end: RankEnd | undefined
}

export interface RankEnd {
  readonly atMillis: number
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Exit code 0, or it reported completion. */
  readonly isProper: boolean
  /** Code of the error that ended it, if any. */
  readonly errorCode: string | undefined
}

export type Verdict =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended' }
  | { readonly kind: 'failed'; readonly rank: number }
  | { readonly kind: 'hangs'; readonly ranks: readonly number[] }

export interface FailureWindows {
  /** After a failure, waits this long for more informative ones; ranks that failed as a consequence must not be blamed. */
  readonly settleMillis: number
  /** An error with a code is often one that all ranks meet, which the first reports best: it may take up to this long to meet it. */
  readonly firstMillis: number
}

export const usualWindows: FailureWindows = { settleMillis: 300, firstMillis: 5000 }

/** A rank waiting for a hung one times out a little after its silence is noticed. */
const patience = (timeoutMillis: number): number => 1.5 * timeoutMillis + 1000

export function judgeRanks(
  states: readonly RankState[],
  nowMillis: number,
  timeoutMillis: number,
  windows: FailureWindows = usualWindows,
): Verdict {
  const alive = states.filter(({ end }) => end === undefined)
  const failed = states.filter(({ end }) => end && !end.isProper).sort(byEnd)
  if (alive.length === 0 && failed.length === 0) return { kind: 'ended' }
  const killed = failed.find(({ end }) => end!.signal !== null)
  if (killed) return { kind: 'failed', rank: killed.rank }
  const first = Math.min(...states.map(({ rank }) => rank))
  const firstIsAlive = alive.some(({ rank }) => rank === first)
  if (failed.length > 0) return judgeFailed(failed, alive, firstIsAlive, nowMillis, timeoutMillis, windows)
  return judgeSilent(alive, nowMillis, timeoutMillis)
}

function judgeFailed(
  failed: readonly RankState[],
  alive: readonly RankState[],
  firstIsAlive: boolean,
  nowMillis: number,
  timeoutMillis: number,
  { settleMillis, firstMillis }: FailureWindows,
): Verdict {
  const hasSettled = alive.length === 0 || nowMillis - failed[0]!.end!.atMillis >= settleMillis
  if (!hasSettled) return { kind: 'running' }
  const own = failed.filter(({ end }) => !isConsequence(end!.errorCode))
  // A rank that failed to connect without a timeout is the cause, unless a rank it reached has failed.
  const causes = own.length > 0 ? own : failed.filter((state) => foundNoWay(state, timeoutMillis))
  if (causes.length > 0) {
    const cause = spokesman(causes)
    const { atMillis, errorCode } = cause.end!
    const comes = firstIsAlive && errorCode !== undefined && nowMillis - atMillis < firstMillis
    return comes ? { kind: 'running' } : { kind: 'failed', rank: cause.rank }
  }
  // All that failed waited in vain for one that is still there, or for one of another machine.
  const hanging = alive.filter(({ isWatched, openedMillis }) => isWatched || openedMillis === undefined)
  return hanging.length > 0
    ? { kind: 'hangs', ranks: hanging.map(({ rank }) => rank) }
    : { kind: 'failed', rank: failed[0]!.rank }
}

/** Among ranks with the same error as the first to fail, the lowest; errors before the first step are usually the same on all. */
function spokesman(causes: readonly RankState[]): RankState {
  const [earliest] = causes as [RankState]
  const isEarly = causes.every(({ step }) => step === undefined)
  const { errorCode } = earliest.end!
  const same = causes.filter(
    ({ end }) => isEarly || (errorCode !== undefined && end!.errorCode === errorCode),
  )
  return same.reduce((a, b) => (b.rank < a.rank ? b : a), earliest)
}

function judgeSilent(alive: readonly RankState[], nowMillis: number, timeoutMillis: number): Verdict {
  const silence = ({ heardMillis }: RankState): number => nowMillis - heardMillis
  const silent = alive.filter((state) => state.isWatched && silence(state) >= timeoutMillis)
  if (silent.length === 0) return { kind: 'running' }
  const suspended = silent.filter(({ isSuspended }) => isSuspended)
  if (suspended.length > 0) return hangs(suspended)
  // Ranks that wait for a hung one soon fall silent too: unless they continue, only their errors show which one hung.
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
  errorCode === 'tensor_distributed_peer_lost' || errorCode === joinFailed

const joinFailed = 'tensor_distributed_join_failed'

/** Whether it failed to connect before its timeout: something else listens on the address. */
export const foundNoWay = (
  { openedMillis, end }: Pick<RankState, 'openedMillis' | 'end'>,
  timeoutMillis: number,
): boolean =>
  end?.errorCode === joinFailed &&
  openedMillis !== undefined &&
  // Both times are recorded with delay.
  end.atMillis - openedMillis < 0.9 * timeoutMillis

const byEnd = (a: RankState, b: RankState): number => a.end!.atMillis - b.end!.atMillis
