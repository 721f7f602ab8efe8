/**
 * How priorities age: waiting `agingMillis` counts as one priority more urgent, in the line and beyond it, so that nobody waits
 * for ever behind those who come later. Less is more urgent. Pure.
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
