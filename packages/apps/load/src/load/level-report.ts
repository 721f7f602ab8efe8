/** Result of one load level. */

import type { Measurement } from './answer-tally.ts'
import type { LevelRun, Load } from './load-level.ts'
import { type Summary, summarize } from './statistics.ts'

export interface LevelReport {
  readonly load: Load
  readonly requests: number
  readonly failed: number
  /** Count per error code. */
  readonly errors: Readonly<Record<string, number>>
  readonly wallSeconds: number
  readonly peakConcurrency: number
  readonly promptTokens: number
  /** Prompt tokens that the server had computed before. */
  readonly cachedTokens: number
  readonly outputTokens: number
  /** `pieces` when the server gave no usage: then each piece of text is taken for one token. */
  readonly tokensFrom: 'usage' | 'pieces'
  readonly requestsPerSecond: number
  readonly outputTokensPerSecond: number
  readonly totalTokensPerSecond: number
  /** Time to the first token. */
  readonly ttftMillis: Summary | undefined
  /** Between one piece of text and the next. */
  readonly itlMillis: Summary | undefined
  /** Per output token after the first, averaged within each request. */
  readonly tpotMillis: Summary | undefined
  readonly e2eMillis: Summary | undefined
}

/** Latencies and tokens are those of the requests that went well. */
export function reportLevel(
  load: Load,
  { measurements, wallMillis, peakConcurrency }: LevelRun,
): LevelReport {
  const good = measurements.filter((each) => each.error === undefined)
  const errors: Record<string, number> = {}
  for (const { error } of measurements) if (error !== undefined) errors[error] = (errors[error] ?? 0) + 1
  const sum = (read: (each: Measurement) => number | undefined): number =>
    good.reduce((total, each) => total + (read(each) ?? 0), 0)
  const [promptTokens, outputTokens] = [
    sum((each) => each.promptTokens),
    sum((each) => each.completionTokens),
  ]
  const wallSeconds = wallMillis / 1000
  return {
    load,
    requests: measurements.length,
    failed: measurements.length - good.length,
    errors,
    wallSeconds,
    peakConcurrency,
    promptTokens,
    cachedTokens: sum((each) => each.cachedTokens),
    outputTokens,
    tokensFrom: good.every((each) => each.tokensFrom === 'usage') ? 'usage' : 'pieces',
    requestsPerSecond: good.length / wallSeconds,
    outputTokensPerSecond: outputTokens / wallSeconds,
    totalTokensPerSecond: (promptTokens + outputTokens) / wallSeconds,
    ttftMillis: summarize(good.flatMap((each) => each.ttftMillis ?? [])),
    itlMillis: summarize(good.flatMap((each) => each.gapsMillis)),
    tpotMillis: summarize(good.flatMap(timePerToken)),
    e2eMillis: summarize(good.map((each) => each.e2eMillis)),
  }
}

function timePerToken({ ttftMillis, e2eMillis, completionTokens }: Measurement): number | [] {
  return ttftMillis === undefined || completionTokens < 2
    ? []
    : (e2eMillis - ttftMillis) / (completionTokens - 1)
}
