/**
 * Replays traffic against a server at the scheduled times, regardless of completions: the same traffic format as the simulator's, so that
 * predictions can be compared with measurements.
 */

import { setMaxListeners } from 'node:events'
import { type Clock, systemClock } from '@hadal/base'
import { Histogram, type Percentiles, type SimulatedRequest, seededRandom } from '@hadal/batching'
import { drawPrompt, type TokenScale } from './prompts.ts'
import { apiBase, StreamClient, type Target } from './stream-client.ts'

export interface ReplayReport {
  readonly requests: number
  readonly done: number
  readonly errors: Readonly<Record<string, number>>
  readonly wallMillis: number
  /** Done, by seconds. */
  readonly requestsPerSecond: number
  readonly ttftMillis: Percentiles | undefined
  readonly itlMillis: Percentiles | undefined
  readonly e2eMillis: Percentiles | undefined
  /** Embedding latency, from the scheduled time. */
  readonly embedMillis: Percentiles | undefined
}

export interface ReplayOptions {
  readonly target: Omit<Target, 'endpoint'>
  readonly scale: TokenScale
  readonly seed: number
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock
}

/**
 * `traffic` in the order of arrivals, its first request at once.
 *
 * @example
 * ```ts
 * import { drawTraffic } from '@hadal/batching'
 * import { replayTraffic } from 'hadal'
 *
 * const scale = { tokensPerWord: 1.3, overheadTokens: 20 } // of this model's tokenizer and chat template
 * const report = await replayTraffic(
 *   drawTraffic({
 *     arrivals: { kind: 'poisson', requestsPerSecond: 2 },
 *     sorts: [{ share: 1, kind: 'generate', promptTokens: { kind: 'fixed', tokens: 200 }, outputTokens: { kind: 'fixed', tokens: 50 } }],
 *     requests: 100,
 *     seed: 1,
 *   }),
 *   { target: { url: 'http://localhost:8080', model: 'default', timeoutMillis: 60_000 }, scale, seed: 1 },
 * )
 * console.log(report.ttftMillis?.p99)
 * ```
 */
export async function replayTraffic(
  traffic: Iterable<SimulatedRequest>,
  { target, scale, seed, signal: stop, clock = systemClock }: ReplayOptions,
): Promise<ReplayReport> {
  // Every request under way listens to it.
  const signal = stop && AbortSignal.any([stop])
  if (signal !== undefined) setMaxListeners(0, signal)
  const random = seededRandom(seed)
  const client = new StreamClient({ ...target, endpoint: 'completions' })
  const [ttft, itl, e2e, embed] = [new Histogram(), new Histogram(), new Histogram(), new Histogram()]
  const errors: Record<string, number> = {}
  let done = 0
  const ended = (error: string | undefined): boolean => {
    if (error !== undefined) errors[error] = (errors[error] ?? 0) + 1
    else done += 1
    return error === undefined
  }
  const one = async (request: SimulatedRequest, dueAt: number): Promise<void> => {
    const prompt = promptOf(request, scale, random)
    if (request.kind === 'embed') {
      const error = await embedText(prompt, target, signal)
      if (ended(error)) embed.add(clock.now() - dueAt)
      return
    }
    const answer = await client.measure({ prompt, maxTokens: request.outputTokens }, dueAt, signal)
    if (!ended(answer.error)) return
    if (answer.ttftMillis !== undefined) ttft.add(answer.ttftMillis)
    for (const gap of answer.gapsMillis) itl.add(gap)
    e2e.add(answer.e2eMillis)
  }
  const all: Promise<void>[] = []
  const startedAt = clock.now()
  let first: number | undefined
  for (const request of traffic) {
    first ??= request.arrivalMillis
    const dueAt = startedAt + request.arrivalMillis - first
    if (dueAt > clock.now()) await clock.sleep(dueAt - clock.now(), signal).catch(() => {})
    if (signal?.aborted) break
    all.push(one(request, dueAt))
  }
  await Promise.all(all)
  client.close()
  const wallMillis = clock.now() - startedAt
  return {
    requests: all.length,
    done,
    errors,
    wallMillis,
    requestsPerSecond: (1000 * done) / wallMillis,
    ttftMillis: ttft.summary,
    itlMillis: itl.summary,
    e2eMillis: e2e.summary,
    embedMillis: embed.summary,
  }
}

/** Prompts with a shared prefix start with the same words. */
function promptOf(
  { promptTokens, prefix }: SimulatedRequest,
  scale: TokenScale,
  random: () => number,
): string {
  if (prefix === undefined) return drawPrompt(promptTokens, scale, random)
  const seed = [...prefix.id].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7)
  const shared = drawPrompt(prefix.tokens, { ...scale, overheadTokens: 0 }, seededRandom(seed))
  return `${shared} ${drawPrompt(Math.max(1, promptTokens - prefix.tokens), scale, random)}`
}

/** Returns the error, if any. */
async function embedText(
  input: string,
  { url, apiKey, model, timeoutMillis }: ReplayOptions['target'],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(timeoutMillis)
  const response = await fetch(`${apiBase(url)}/embeddings`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
    },
    body: JSON.stringify({ model, input, encoding_format: 'base64' }),
    signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
  }).catch(() => undefined)
  if (response === undefined) return timeout.aborted ? 'timeout' : 'no_answer'
  const body = (await response.json().catch(() => undefined)) as { error?: { code?: string } } | undefined
  if (response.ok && body !== undefined) return undefined
  return body?.error?.code ?? `http_${response.status}`
}
