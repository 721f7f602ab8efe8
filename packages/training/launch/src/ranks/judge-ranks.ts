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
  /** When it had loaded its recipe and went to meet the others. */
  readonly openedMillis: number | undefined
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

export interface FailureWindows {
  /** After a failure others may follow that say more of it: those that failed because of it are not to be named for it. */
  readonly settleMillis: number
  /** An error with a code is often one that all ranks meet, which the first reports best: it may take up to this long to meet it. */
  readonly firstMillis: number
}

export const usualWindows: FailureWindows = { settleMillis: 300, firstMillis: 5000 }

/** Who waits for a rank that hangs finds out a little later than its silence is noticed. */
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
  // Who met nobody without having waited for them found something in its way, unless one that it met has failed.
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

/** Of those who met the same as the one that failed first, the first rank; what goes wrong before the first step mostly is the same. */
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
  errorCode === 'tensor_distributed_peer_lost' || errorCode === joinFailed

const joinFailed = 'tensor_distributed_join_failed'

/** Whether it could not meet the others although it did not wait until it gave up: something else listens where they are to meet. */
export const foundNoWay = (
  { openedMillis, end }: Pick<RankState, 'openedMillis' | 'end'>,
  timeoutMillis: number,
): boolean =>
  end?.errorCode === joinFailed &&
  openedMillis !== undefined &&
  // Both are heard of late.
  end.atMillis - openedMillis < 0.9 * timeoutMillis

const byEnd = (a: RankState, b: RankState): number => a.end!.atMillis - b.end!.atMillis
