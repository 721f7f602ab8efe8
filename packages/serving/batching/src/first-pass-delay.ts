/**
 * `timeoutMicros`: an idle engine may wait a little for more prompts to share the first pass. Pure.
 */

export interface FirstPassState {
  /** Sequences already computing: a busy engine never waits, so decode steps are never delayed. */
  readonly running: number
  readonly waiting: number
  /** Sequences that one pass can take. */
  readonly places: number
  /** When the oldest of those that wait arrived, in milliseconds. */
  readonly oldestArrivedAt: number
  /** When the first of their waits is over in vain; absent: never. */
  readonly nextDue?: number | undefined
}

/**
 * Milliseconds to wait before starting the pass; 0 is now.
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
  // Nobody is late because of company that did not come.
  if (state.nextDue !== undefined && state.nextDue <= until) return 0
  return Math.max(0, until - now)
}
