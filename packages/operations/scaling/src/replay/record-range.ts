/** Records a range from Prometheus with the queries of `hadal scale`, for replay. */

import {
  type Deployment,
  type EnginePlan,
  type LoadRecording,
  observationQueries,
  type RecordedValues,
  recordingFormat,
  scaleRecordingEmpty,
} from '@hadal/fleet'
import { type PrometheusOptions, prometheusAt, shownUrl } from '../prometheus/prometheus-at.ts'
import { scaleRangeFailed } from './errors.ts'

export interface RecordOptions extends PrometheusOptions {
  /** Milliseconds of the epoch. */
  readonly from: number
  readonly to: number
  readonly stepMillis: number
  /** Days before it for forecasts; 0: none. */
  readonly daysBefore: number
  readonly signal: AbortSignal
}

/** Prometheus refuses more than 11,000 in one answer. */
const maxPoints = 10_000
const beforeStepMillis = 300_000
const day = 86_400_000

/** Throws `scale_range_failed`, `scale_recording_empty` where nothing could ever say how busy such engines are, and the signal's reason. */
export async function recordRange(
  deployment: Deployment,
  engine: EnginePlan,
  options: RecordOptions,
): Promise<LoadRecording> {
  const { busyPercent: busy, backlog, demand, latencyP99Millis } = observationQueries(deployment, engine)
  if (busy === undefined)
    throw scaleRecordingEmpty(
      engine.modelId,
      `utilization of ${engine.kind} engines, because GPU metrics have no pod label (monitor.gpuPodLabel)`,
    )
  const { stepMillis, daysBefore } = options
  const from = Math.ceil(options.from / stepMillis) * stepMillis
  const range = { from, steps: Math.max(2, Math.floor((options.to - from) / stepMillis) + 1), stepMillis }
  const ask = (what: string, query: string, requested: Range = range): Promise<RecordedValues> =>
    askRange(options, what, query, requested)
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
    busyPercent: await ask('engine utilization', busy.value),
    backlog: await ask('queued requests', backlog.value),
    demand: await ask('request rate', demand.value),
    latencyP99Millis: await ask('response times', latencyP99Millis.value),
    replicas: await ask(
      'number of engines',
      sources === undefined ? `count(${busy.value})` : `${sources.count} / ${sources.perReplica}`,
    ),
    ...(daysBefore > 0 && {
      before: {
        startAt: before.from,
        stepMillis: beforeStepMillis,
        busyPercent: await ask('engine utilization on earlier days', busy.value, before),
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
  const prometheus = prometheusAt(options)
  const values: (number | null)[] = new Array(steps).fill(null)
  for (let first = 0; first < steps; first += maxPoints) {
    const last = Math.min(steps, first + maxPoints) - 1
    const answer = await prometheus.queryRange(
      query,
      {
        fromSeconds: (from + first * stepMillis) / 1000,
        toSeconds: (from + last * stepMillis) / 1000,
        stepSeconds: stepMillis / 1000,
      },
      options.signal,
    )
    const found = 'issue' in answer ? answer.issue : samplesOf(answer.series)
    if (typeof found === 'string') throw scaleRangeFailed(shownUrl(options.url), what, found)
    for (const [seconds, value] of found) {
      const index = Math.round((seconds * 1000 - from) / stepMillis)
      if (index >= first && index <= last) values[index] = usable(value)
    }
  }
  return values
}

type Sample = readonly [seconds: number, value: string]

/** Or why there are none. Nothing recorded is not an error: an empty list. */
export function samplesOf(series: readonly unknown[]): readonly Sample[] | string {
  if (series.length > 1) return `expected one series, got ${series.length}`
  const [only] = series as readonly ({ readonly values?: unknown } | null)[]
  const values = series.length === 0 ? [] : only?.values
  const isSample = (each: unknown): boolean =>
    Array.isArray(each) && typeof each[0] === 'number' && typeof each[1] === 'string'
  return Array.isArray(values) && values.every(isSample)
    ? (values as Sample[])
    : 'its response is not a range of samples'
}

/** DCGM reports about 9.22e18 for unmeasured fields. */
function usable(text: string): number | null {
  const value = Number(text)
  return text !== '' && Number.isFinite(value) && value >= 0 && value <= 1e15 ? value : null
}
