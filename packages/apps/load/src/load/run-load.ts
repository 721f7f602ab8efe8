/** A complete server benchmark: calibrates token counts, warms up, runs each load level, and reports. */

import { drawLength, type LengthDistribution, type Random, seededRandom } from '@hadal/batching'
import { targetRefused } from '../errors.ts'
import { type LevelReport, reportLevel } from './level-report.ts'
import { type Load, runLevel } from './load-level.ts'
import { drawPrompt, drawWords, type TokenScale, unknownScale } from './prompts.ts'
import { type LoadRequest, StreamClient, type Target } from './stream-client.ts'

export interface LoadPlan {
  readonly target: Target
  readonly loads: readonly Load[]
  readonly promptTokens: LengthDistribution
  readonly outputTokens: LengthDistribution
  /** Number of prompt tokens shared by all requests. */
  readonly sharedPrefixTokens: number
  /** Per level; undefined: four per client, at least 8, or 30 s of arrivals. */
  readonly requests?: number | undefined
  /** Per level: no request starts later. */
  readonly durationMillis?: number | undefined
  readonly warmUpRequests: number
  readonly seed: number
}

export interface LoadReport {
  readonly target: Omit<Target, 'apiKey'>
  readonly plan: Omit<LoadPlan, 'target'>
  readonly tokenScale: TokenScale
  /** ISO date and time. */
  readonly startedAt: string
  readonly levels: readonly LevelReport[]
  /** Stopped early: the last level is incomplete and later ones are missing. */
  readonly partial: boolean
}

export interface LoadObserver {
  onCalibrated?(scale: TokenScale): void
  /** Measurement starts here. */
  onWarm?(): void
  onLevelProgress?(load: Load, done: number, planned: number): void
  onLevelDone?(level: LevelReport): void
}

/**
 * Throws `target_refused` when not even the first requests are answered. An abort before the first level throws its
 * reason at once; a later one ends the load with the requests that are under way.
 *
 * @example
 * ```ts
 * import { runLoad } from 'hadal'
 *
 * const { levels } = await runLoad({
 *   target: { url: 'http://localhost:8080', model: 'default', endpoint: 'chat', timeoutMillis: 60_000 },
 *   loads: [{ kind: 'closed', concurrency: 8 }, { kind: 'open', requestsPerSecond: 2 }],
 *   promptTokens: { kind: 'fixed', tokens: 200 },
 *   outputTokens: { kind: 'fixed', tokens: 50 },
 *   sharedPrefixTokens: 0,
 *   requests: 100,
 *   warmUpRequests: 2,
 *   seed: 1,
 * })
 * for (const { load, outputTokensPerSecond, ttftMillis } of levels) console.log(load, outputTokensPerSecond, ttftMillis?.p99)
 * ```
 */
export async function runLoad(
  plan: LoadPlan,
  observer: LoadObserver = {},
  signal?: AbortSignal,
): Promise<LoadReport> {
  const { target, loads, seed } = plan
  const startedAt = new Date().toISOString()
  const client = new StreamClient(target)
  try {
    const tokenScale = await calibrate(client, plan, seededRandom(seed), signal)
    observer.onCalibrated?.(tokenScale)
    await warmUp(client, plan, tokenScale, signal)
    observer.onWarm?.()
    const levels: LevelReport[] = []
    for (const [index, load] of loads.entries()) {
      const random = seededRandom(seed + (index + 1) * 7919)
      const nextRequest = requestSource(plan, tokenScale, random)
      const requests = plan.requests ?? defaultRequests(load, plan.durationMillis)
      const run = await runLevel(
        { load, requests, durationMillis: plan.durationMillis },
        nextRequest,
        (request, dueAt) => client.measure(request, dueAt),
        seededRandom(seed + (index + 1) * 104_729),
        (done) => observer.onLevelProgress?.(load, done, requests),
        signal,
      )
      const level = reportLevel(load, run)
      levels.push(level)
      observer.onLevelDone?.(level)
      if (signal?.aborted) break
    }
    const { target: _, ...rest } = plan
    return {
      target: withoutKey(target),
      plan: rest,
      tokenScale,
      startedAt,
      levels,
      partial: signal?.aborted === true,
    }
  } finally {
    client.close()
  }
}

function defaultRequests(load: Load, durationMillis: number | undefined): number {
  if (durationMillis !== undefined) return Number.MAX_SAFE_INTEGER
  if (load.kind === 'closed') return Math.max(8, load.concurrency * 4)
  return Math.max(8, Math.round(load.requestsPerSecond * 30))
}

/** A seeded request stream with unique prompt starts. */
function requestSource(plan: LoadPlan, scale: TokenScale, random: Random): () => LoadRequest {
  const { sharedPrefixTokens, promptTokens, outputTokens, seed } = plan
  const prefixScale = { ...scale, overheadTokens: 0 }
  const prefix =
    sharedPrefixTokens > 0 ? `${drawPrompt(sharedPrefixTokens, prefixScale, seededRandom(seed))} ` : ''
  return () => {
    const own = drawPrompt(drawLength(promptTokens, random), scale, random)
    return { prompt: prefix + own, maxTokens: drawLength(outputTokens, random) }
  }
}

const probeWords = [16, 144] as const

/** Two prompts of known length determine tokens per word and template overhead. */
async function calibrate(
  client: StreamClient,
  plan: LoadPlan,
  random: Random,
  signal: AbortSignal | undefined,
): Promise<TokenScale> {
  const counted: number[] = []
  for (const words of probeWords) {
    const request = { prompt: drawWords(words, random), maxTokens: 1 }
    const answer = await client.measure(request, undefined, signal)
    signal?.throwIfAborted()
    // An empty response is valid: its first token may be an incomplete character.
    if (answer.error !== undefined && answer.error !== 'empty_answer')
      throw targetRefused(plan.target.url, answer.error)
    if (answer.promptTokens !== undefined) counted.push(answer.promptTokens)
  }
  const [few, many] = counted
  if (few === undefined || many === undefined || many <= few) return unknownScale
  const tokensPerWord = (many - few) / (probeWords[1] - probeWords[0])
  return { tokensPerWord, overheadTokens: Math.max(0, few - tokensPerWord * probeWords[0]) }
}

async function warmUp(
  client: StreamClient,
  plan: LoadPlan,
  scale: TokenScale,
  signal: AbortSignal | undefined,
): Promise<void> {
  const next = requestSource(plan, scale, seededRandom(plan.seed - 1))
  const one = (): Promise<unknown> => client.measure(next(), undefined, signal)
  await Promise.all(Array.from({ length: plan.warmUpRequests }, one))
  signal?.throwIfAborted()
}

function withoutKey({ apiKey: _, ...target }: Target): Omit<Target, 'apiKey'> {
  return target
}
