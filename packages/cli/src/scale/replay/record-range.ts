/** Asks Prometheus for a range what `hadal scale` asks for a moment, so that it can be replayed. Every wait has a limit. */

import { messageOf } from '@hadal/base'
import {
  type Deployment,
  type EnginePlan,
  type LoadRecording,
  observationQueries,
  type RecordedValues,
  recordingFormat,
  scaleRecordingEmpty,
} from '@hadal/fleet'
import { scaleRangeFailed } from './errors.ts'

export interface RecordOptions {
  readonly url: string
  /** Milliseconds of the epoch. */
  readonly from: number
  readonly to: number
  readonly stepMillis: number
  /** Days before it for forecasts; 0: none. */
  readonly daysBefore: number
  readonly signal?: AbortSignal
}

/** A range may take Prometheus longer than a moment. */
const answerMillis = 60_000
/** Prometheus refuses more than 11,000 in one answer. */
const mostPoints = 10_000
const mostBytes = 64 * 1024 * 1024
const beforeStepMillis = 300_000
const day = 86_400_000

/** Throws `scale_range_failed`, and `scale_recording_empty` where nothing could ever say how busy such engines are. */
export async function recordRange(
  deployment: Deployment,
  engine: EnginePlan,
  options: RecordOptions,
): Promise<LoadRecording> {
  const { busyPercent: busy, backlog, demand, latencyP99Millis } = observationQueries(deployment, engine)
  if (busy === undefined)
    throw scaleRecordingEmpty(engine.modelId, `how busy ${engine.kind} engines without GPUs are`)
  const { stepMillis, daysBefore } = options
  const from = Math.ceil(options.from / stepMillis) * stepMillis
  const range = { from, steps: Math.max(2, Math.floor((options.to - from) / stepMillis) + 1), stepMillis }
  const ask = (what: string, query: string, asked: Range = range): Promise<RecordedValues> =>
    askRange(options, what, query, asked)
  const { sources } = busy
  const before = {
    from: from - daysBefore * day,
    steps: (daysBefore * day) / beforeStepMillis,
    stepMillis: beforeStepMillis,
  }
  return {
    format: recordingFormat,
    title: `${engine.modelId} from ${new Date(from).toISOString().slice(0, 16)}Z`,
    model: engine.modelId,
    startAt: from,
    stepMillis,
    busyPercent: await ask('how busy engines were', busy.value),
    backlog: await ask('how many requests waited', backlog.value),
    demand: await ask('how many requests came', demand.value),
    latencyP99Millis: await ask('how long answers took', latencyP99Millis.value),
    replicas: await ask(
      'how many engines there were',
      sources === undefined ? `count(${busy.value})` : `${sources.count} / ${sources.perReplica}`,
    ),
    ...(daysBefore > 0 && {
      before: {
        startAt: before.from,
        stepMillis: beforeStepMillis,
        busyPercent: await ask('how busy engines were on the days before', busy.value, before),
      },
    }),
  }
}

interface Range {
  readonly from: number
  readonly steps: number
  readonly stepMillis: number
}

async function askRange(
  options: RecordOptions,
  what: string,
  query: string,
  { from, steps, stepMillis }: Range,
): Promise<RecordedValues> {
  const values: (number | null)[] = new Array(steps).fill(null)
  for (let first = 0; first < steps; first += mostPoints) {
    const last = Math.min(steps, first + mostPoints) - 1
    const asked = new URLSearchParams({
      query,
      start: String((from + first * stepMillis) / 1000),
      end: String((from + last * stepMillis) / 1000),
      step: String(stepMillis / 1000),
    })
    for (const [seconds, value] of await samples(options, what, asked)) {
      const index = Math.round((seconds * 1000 - from) / stepMillis)
      if (index >= first && index <= last) values[index] = usable(value)
    }
  }
  return values
}

/** DCGM says about 9.22e18 of what it does not measure. */
function usable(text: string): number | null {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) && value >= 0 && value <= 1e15 ? value : null
}

type Sample = readonly [seconds: number, value: string]

async function samples(
  { url, signal }: RecordOptions,
  what: string,
  asked: URLSearchParams,
): Promise<readonly Sample[]> {
  const limit = AbortSignal.timeout(answerMillis)
  let status: number
  let text: string
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/api/v1/query_range`, {
      method: 'POST',
      body: asked,
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    })
    status = response.status
    text = await bodyOf(response)
  } catch (cause) {
    signal?.throwIfAborted()
    const why = limit.aborted ? `no answer within ${answerMillis / 1000} s` : reasonOf(cause)
    throw scaleRangeFailed(withoutPassword(url), what, why).with({ cause })
  }
  const found = samplesIn(text)
  if (typeof found === 'string')
    throw scaleRangeFailed(withoutPassword(url), what, status === 200 ? found : `status ${status}, ${found}`)
  return found
}

async function bodyOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += part.byteLength
    if (bytes > mostBytes) throw new Error('the answer has more than 64 MiB')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** Or why there are none. Nothing recorded is no fault: an empty list. */
export function samplesIn(text: string): readonly Sample[] | string {
  let answer: { status?: unknown; error?: unknown; data?: { resultType?: unknown; result?: unknown } }
  try {
    answer = JSON.parse(text)
  } catch {
    return `no JSON: ${JSON.stringify(text.slice(0, 60))}`
  }
  if (typeof answer !== 'object' || answer === null) return 'no answer of Prometheus'
  if (answer.status !== 'success') return String(answer.error ?? 'no success').slice(0, 300)
  const { resultType, result } = answer.data ?? {}
  if (resultType !== 'matrix' || !Array.isArray(result)) return 'no matrix'
  if (result.length > 1) return `${result.length} series and not one`
  const values: unknown = result.length === 0 ? [] : result[0]?.values
  const isSample = (each: unknown): boolean =>
    Array.isArray(each) && typeof each[0] === 'number' && typeof each[1] === 'string'
  return Array.isArray(values) && values.every(isSample) ? (values as Sample[]) : 'no samples'
}

/** `fetch` says only that it failed; why stands below. */
const reasonOf = (thrown: unknown): string =>
  messageOf(thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown)

export const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, '//')
