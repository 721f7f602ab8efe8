/** How long an engine process that has work may be silent: it speaks after each step. Pure. */

/** Assumed, not measured: any machine that is worth serving on computes more, one core included. */
const minOperationsPerMilli = 1e7
/** A day; timers hold no more than 24. */
const maxMillis = 86_400_000

/** Two operations for each parameter and token: the largest step of a large model must not look like a hang. */
export function patience(stallTimeoutMillis: number, parameterCount: number, maxBatchTokens: number): number {
  return Math.min(
    maxMillis,
    stallTimeoutMillis + (2 * parameterCount * maxBatchTokens) / minOperationsPerMilli,
  )
}
