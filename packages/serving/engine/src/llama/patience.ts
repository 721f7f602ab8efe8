/** How long an engine process with work may be silent: it sends a message after each step. Pure. */

/** Assumed, not measured: any machine worth serving on is faster, even a single core. */
const minOperationsPerMilli = 1e7
/** One day; timers hold at most 24. */
const maxMillis = 86_400_000

/** Two operations per parameter and token: the largest step of a large model must not look like a hang. */
export function patience(stallTimeoutMillis: number, parameterCount: number, maxBatchTokens: number): number {
  return Math.min(
    maxMillis,
    stallTimeoutMillis + (2 * parameterCount * maxBatchTokens) / minOperationsPerMilli,
  )
}
