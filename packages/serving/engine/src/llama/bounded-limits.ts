/** Clamps run-time limits to the initial values. Pure. */

import type { EngineLimits } from '../engine.ts'

const longestTimeoutMicros = 10_000_000

export function boundedLimits(wanted: EngineLimits, most: EngineLimits): EngineLimits {
  const within = (value: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, Math.round(value)))
  const maxBatchSize = within(wanted.maxBatchSize, 1, most.maxBatchSize)
  return {
    maxBatchSize,
    // At least one token for each sequence that can run.
    maxBatchTokens: within(wanted.maxBatchTokens, most.maxBatchSize, most.maxBatchTokens),
    maxPrefillTokensWhileDecoding: within(wanted.maxPrefillTokensWhileDecoding, 1, most.maxBatchTokens),
    timeoutMicros: within(wanted.timeoutMicros, 0, longestTimeoutMicros),
  }
}
