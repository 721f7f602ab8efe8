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
}

/** Milliseconds to wait before starting the pass; 0 is now. */
export function firstPassDelay(state: FirstPassState, timeoutMicros: number, now: number): number {
  if (state.running > 0 || state.waiting === 0 || state.waiting >= state.places) return 0
  return Math.max(0, state.oldestArrivedAt + timeoutMicros / 1000 - now)
}
