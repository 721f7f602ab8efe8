/** A scaling decision with its reason, and the state for the next one. Both are plain JSON. */

export type ScaleAction = 'up' | 'down' | 'hold'

/** Stable: logs, metrics and tests name them. */
export type ScaleReason =
  /** Up: */
  | 'busy'
  | 'backlog'
  | 'latency'
  | 'forecast'
  | 'wake'
  /** Down: */
  | 'idle'
  | 'sleep'
  /** Either the bounds changed, or the number was set by hand beyond them. */
  | 'bounds'
  /** Hold: */
  | 'steady'
  | 'cooldown'
  | 'starting'
  | 'stale'
  | 'at_max'
  | 'at_min'
  | 'low_not_long_enough'
  | 'asleep'
  | 'switched_off'

export interface SignalView {
  readonly name: 'busy' | 'backlog' | 'latency' | 'demand' | 'forecast'
  /** Absent when there is no usable value. */
  readonly value?: number
  /** Number of engines it requests. Absent if it requests no specific number. */
  readonly wants?: number
  /** Why it is unusable: stale, missing, not a number, from the future. */
  readonly unusable?: string
}

export interface ScaleDecision {
  readonly at: number
  readonly action: ScaleAction
  readonly from: number
  readonly to: number
  readonly reason: ScaleReason
  /** A sentence with the measurements: `4 to 6 engines: each is 96 % busy, above 70 %`. */
  readonly text: string
  readonly signals: readonly SignalView[]
  /** The earlier number, if another client changed it since the last poll. */
  readonly changedFrom?: number
}

/** Kept from one decision to the next, over restarts and from leader to leader. */
export interface ScalingState {
  readonly lastUpAt?: number
  readonly lastDownAt?: number
  /** Start time of idle engines, of no requests, of a P99 above its mark; absent otherwise. */
  readonly lowSince?: number
  readonly silentSince?: number
  readonly lateSince?: number
  /** The most they did since `lowSince`: replicas' worth, in percent. */
  readonly lowBusy?: number
  /** Requests that waited, when that was measured, and how many fewer those became each second. */
  readonly waiting?: number
  readonly waitingAt?: number
  readonly waitingDrain?: number
  /** What the last decision left, to notice what others change. */
  readonly replicas?: number
  /** How little busy engines were, in percent, when there had to be more because answers were late, and when that was last. */
  readonly latePercent?: number
  readonly latePercentAt?: number
  /** Time of the last check: a state seen before a gap is not known to have lasted throughout. */
  readonly seenAt?: number
}

/** A choice before it is formatted as text. */
export interface Choice {
  readonly to: number
  readonly reason: ScaleReason
}
