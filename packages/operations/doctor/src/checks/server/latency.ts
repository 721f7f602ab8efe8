/** Checks of queueing and latency against the SLOs. */

import { formatMillis } from '@hadal/base'
import { metrics } from '@hadal/protocol'
import type { Capture } from '../../capture/capture.ts'
import type { Check, Verdict } from '../check.ts'
import type { Fix } from '../fix.ts'
import { knobsOf } from './knobs.ts'
import type { FigureName } from './metric-names.ts'
import { promisesOf } from './promises.ts'
import { quantile } from './scrape.ts'
import { about, ofEachModel, type ServerFigures } from './server-figures.ts'

/** Minimum requests for a meaningful share. */
const fewest = 20

const seconds = (value: number): string => formatMillis(value * 1000)

function queue(capture: Capture): Verdict | readonly Verdict[] {
  const { maxBacklog, areDefaults } = promisesOf(capture)
  return ofEachModel(capture, 'the queue', (figures, model) => {
    const waiting = figures.gauge('waiting', model)
    if (waiting === undefined) return undefined
    if (waiting < 0)
      return {
        severity: 'unknown',
        says: `${about(model)}it reports ${waiting} queued requests, which is impossible`,
        fix: { text: 'Check its response.', command: 'curl -m 5 -i URL/metrics' },
      }
    const before = figures.gaugeBefore('waiting', model)
    const grown = before === undefined ? 0 : waiting - before
    const most = model === '' ? undefined : figures.value(metrics.maxQueue.name, { model_name: model })
    const held = figures.value(metrics.upstreamHeld.name, { model_name: model }) ?? 0
    const trend = grown > 0 ? `, ${grown} more than a moment ago` : ''
    const says = `${about(model)}${waiting} ${waiting === 1 ? 'queued request' : 'queued requests'}${trend}`
    const evidence = [
      `vllm:num_requests_waiting ${waiting}`,
      ...(before === undefined ? [] : [`before: ${before}`]),
    ]
    if (held > 0)
      return {
        severity: 'note',
        says: `${about(model)}${held} ${held === 1 ? 'queued request' : 'queued requests'} for a replica to wake`,
        fix: {
          text: 'Check the decisions of the autoscaler.',
          command: 'hadal scale status',
        },
      }
    if (most !== undefined && most > 0 && waiting >= most)
      return {
        severity: 'error',
        says: `${says}: the queue is full (${most}), and further requests get 429`,
        fix: moreEngines,
        evidence,
      }
    if (waiting > maxBacklog)
      return {
        severity: 'warning',
        says: `${says}: above slo.maxBacklog (${maxBacklog}${areDefaults ? ', by default' : ''})`,
        fix: moreEngines,
        evidence,
      }
    return { severity: 'ok', says }
  })
}

const moreEngines: Fix = {
  text: 'Add engines: raise scaling.maxReplicas or deploy.replicas. On a single machine, check the batch findings first.',
  command: 'hadal scale status',
}

/** The share of a histogram alongside its mark. */
function beside(
  figures: ServerFigures,
  model: string,
  figure: FigureName,
  mark: {
    readonly millis: number
    readonly share: number
    readonly name: string
    readonly words: string
    /** A default, not a configured SLO. */
    readonly isDefault: boolean
    readonly fix: Fix
  },
): Verdict | undefined {
  const histogram = figures.histogram(figure, model)
  if (histogram === undefined) return undefined
  const { count, period } = histogram
  if (count < fewest)
    return {
      severity: 'ok',
      says: `${about(model)}${count === 0 ? 'no request yet' : `${count} requests so far, too few to evaluate`}`,
    }
  const [at, middle] = [quantile(histogram, mark.share), quantile(histogram, 0.5)]
  if (at === undefined || middle === undefined) return undefined
  const name = `P${+(mark.share * 100).toFixed(2)}`
  const figureText = `${at.isAtLeast ? 'more than ' : ''}${seconds(at.value)}`
  const says = `${about(model)}${mark.words} ${name} ${figureText}, half within ${seconds(middle.value)} (${count} requests ${period})`
  if (at.value * 1000 <= mark.millis && !at.isAtLeast) return { severity: 'ok', says }
  if (at.isAtLeast && at.value * 1000 < mark.millis)
    return {
      severity: 'unknown',
      says: `${says}: the histogram is too coarse to compare with the ${formatMillis(mark.millis)} of ${mark.name}`,
      fix: { text: 'Its largest bucket is below the target. Extend the buckets in the server.' },
    }
  if (mark.isDefault)
    return {
      severity: 'note',
      says: `${says}: above the default ${formatMillis(mark.millis)} of ${mark.name}`,
      fix: {
        text: `Set the service-level objectives in the config (slo.latencyMillis, slo.ttftMillis). ${mark.fix.text}`,
      },
    }
  const isFar = at.isAtLeast || at.value * 1000 > 2 * mark.millis || middle.value * 1000 > mark.millis
  return {
    severity: isFar ? 'error' : 'warning',
    says: `${says}: above the ${formatMillis(mark.millis)} of ${mark.name}`,
    fix: mark.fix,
  }
}

function latency(capture: Capture): Verdict | readonly Verdict[] {
  const { latencyMillis, latencyShare, areDefaults } = promisesOf(capture)
  return ofEachModel(capture, 'response times', (figures, model) =>
    beside(figures, model, 'endToEnd', {
      millis: latencyMillis,
      share: latencyShare,
      name: 'slo.latencyMillis',
      words: 'request latency:',
      isDefault: areDefaults,
      fix: whereTimeGoes(figures, model),
    }),
  )
}

function firstToken(capture: Capture): Verdict | readonly Verdict[] {
  const { ttftMillis, latencyMillis, latencyShare, areDefaults } = promisesOf(capture)
  return ofEachModel(capture, 'time to first token', (figures, model) =>
    beside(figures, model, 'firstToken', {
      millis: ttftMillis ?? latencyMillis,
      share: latencyShare,
      name:
        ttftMillis === undefined ? 'slo.latencyMillis, which also bounds the first token' : 'slo.ttftMillis',
      words: 'time to first token:',
      isDefault: areDefaults && ttftMillis === undefined,
      fix: whereTimeGoes(figures, model),
    }),
  )
}

/** Waiting, reading and writing need different things. */
function whereTimeGoes(figures: ServerFigures, model: string): Fix {
  const meanOf = (name: string): number => {
    const found = figures.histogramOf(name, model === '' ? {} : { model_name: model })
    return found === undefined || !(found.count > 0) || !Number.isFinite(found.sum)
      ? 0
      : found.sum / found.count
  }
  const { batch, prefill, tune } = knobsOf(figures.maker)
  const command = tune === undefined ? {} : { command: tune }
  const parts: readonly (readonly [number, string, string])[] = [
    [meanOf(metrics.queueTime.name), 'queueing', `Raise ${batch} if memory allows, or add engines.`],
    [
      meanOf(metrics.prefillTime.name),
      'prefill',
      `Share prompt prefixes, raise ${prefill}, or use more GPUs.`,
    ],
    [
      meanOf(metrics.decodeTime.name),
      'decode',
      `Use smaller batches (${batch}), a smaller quantization, speculative decoding or a lower max_tokens.`,
    ],
  ]
  const all = parts.reduce((sum, [part]) => sum + part, 0)
  const [longest] = parts.toSorted(([a], [b]) => b - a)
  if (!(all > 0) || longest === undefined)
    return { text: 'The server does not report where the time goes. Trace a request.', ...command }
  const [part, words, advice] = longest
  return {
    text: `${Math.round((100 * part) / all)} % of the time goes into ${words}. ${advice}`,
    ...command,
  }
}

function queueTime(capture: Capture): Verdict | readonly Verdict[] {
  const { latencyMillis, areDefaults } = promisesOf(capture)
  return ofEachModel(capture, 'queue times', (figures, model) => {
    const histogram = figures.histogram('queueTime', model)
    if (histogram === undefined || histogram.count < fewest) return undefined
    const at = quantile(histogram, 0.99)
    if (at === undefined) return undefined
    const says = `${about(model)}P99 queue time is ${at.isAtLeast ? 'more than ' : ''}${seconds(at.value)} (${histogram.period})`
    const millis = at.value * 1000
    if (millis <= latencyMillis / 2 && !at.isAtLeast) return { severity: 'ok', says }
    return {
      severity: areDefaults ? 'note' : 'warning',
      says: `${says}: more than half of the ${formatMillis(latencyMillis)} response time SLO`,
      fix: moreEngines,
    }
  })
}

const group = 'server'
const reads = ['server-metrics', 'server-metrics-later', 'service-slo']

export const latencyChecks: readonly Check[] = [
  { id: 'server-queue', group, title: 'Queue', reads, verdict: queue },
  { id: 'server-queue-time', group, title: 'Queue time', reads, verdict: queueTime },
  {
    id: 'server-latency',
    group,
    title: 'Latency',
    reads,
    verdict: latency,
    source: 'prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile',
  },
  { id: 'server-first-token', group, title: 'First token', reads, verdict: firstToken },
]
