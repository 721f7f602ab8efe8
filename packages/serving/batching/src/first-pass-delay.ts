/** `timeoutMicros`: how long an idle engine waits for more prompts to share the first pass. Pure. */

export interface FirstPassState {
  /** Sequences already computing: a busy engine never waits, so decode steps are never delayed. */
  readonly running: number
  readonly waiting: number
  /** Capacity of one pass, in sequences. */
  readonly places: number
  /** Arrival time of the oldest waiting sequence, in milliseconds. */
  readonly oldestArrivedAt: number
  /** The earliest deadline of a waiting sequence; absent: none. */
  readonly nextDue?: number | undefined
}

/**
 * Milliseconds to wait before starting the pass; 0: start now.
 *
 * @example
 * ```ts
 * import { firstPassDelay } from '@hadal/batching'
 *
 * const idle = { running: 0, waiting: 1, places: 8, oldestArrivedAt: 100 } // milliseconds
 * firstPassDelay(idle, 2_000, 100.5) // → 1.5
 * ```
 */
export function firstPassDelay(state: FirstPassState, timeoutMicros: number, now: number): number {
  if (state.running > 0 || state.waiting === 0 || state.waiting >= state.places) return 0
  const until = state.oldestArrivedAt + timeoutMicros / 1000
  // Waiting for batch mates must not make a sequence miss its deadline.
  if (state.nextDue !== undefined && state.nextDue <= until) return 0
  return Math.max(0, until - now)
}
