/** Limits that may change at run time, kept within what the engine was started with. Pure. */

import type { EngineLimits } from '../engine.ts'

const longestTimeoutMicros = 10_000_000

export function boundedLimits(wanted: EngineLimits, most: EngineLimits): EngineLimits {
  const within = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.round(value)))
  const maxBatchSize = within(wanted.maxBatchSize, 1, most.maxBatchSize)
  return {
    maxBatchSize,
    // There must be place for a token of each sequence that may be at work.
    maxBatchTokens: within(wanted.maxBatchTokens, most.maxBatchSize, most.maxBatchTokens),
    maxPrefillTokensBesideDecodes: within(wanted.maxPrefillTokensBesideDecodes, 1, most.maxBatchTokens),
    timeoutMicros: within(wanted.timeoutMicros, 0, longestTimeoutMicros),
  }
}
