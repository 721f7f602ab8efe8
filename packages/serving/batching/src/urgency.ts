/**
 * Priority aging: waiting for `agingMillis` raises the urgency by one priority, in the queue and in the engine, so that later
 * arrivals cannot starve a request. Lower is more urgent. Pure.
 *
 * @example
 * ```ts
 * import { urgency } from '@hadal/batching'
 *
 * urgency(5, 20_000, 10_000) // → 3
 * ```
 */
export function urgency(priority: number, waitedMillis: number, agingMillis: number): number {
  return priority - Math.floor(Math.max(0, waitedMillis) / agingMillis)
}
