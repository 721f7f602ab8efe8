/** Serving: what was promised, what came, and where the time of a request went. */

import { metrics } from '@hadal/protocol'
import type { Deployment } from '../deployment/deployment.ts'
import { clientRoutes } from '../rules/topics/availability.ts'
import { type EngineSeries, engineSeries } from '../series/engine-series.ts'
import type { BoardSpec, PanelSpec, RowSpec } from './board-spec.ts'
import { mean, quantiles, rate, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'

/** A share as people read it: 0.999 is 99.9. */
const percent = (share: number): number => Number((share * 100).toFixed(4))

const model = 'model_name'
const ofModel = 'model_name=~"$model"'

export function servingBoard(deployment: Deployment, scope: Scope): BoardSpec {
  const kind = deployment.engines[0]?.kind ?? 'llama'
  const series = engineSeries(kind)
  const isOurs = kind === 'llama'
  return {
    name: 'serving',
    title: `${scope.title}: serving`,
    description: 'What was promised, what came, and where the time of a request went.',
    variables: [
      {
        name: 'model',
        label: 'Model',
        // A gateway has it of every model, whoever computes.
        series: selector(metrics.requestsWaiting.name, scope.gateways),
        valueLabel: model,
      },
    ],
    rows: [
      promises(deployment, series, scope),
      traffic(series, scope),
      latency(deployment, series, scope),
      batch(series, scope, isOurs),
      ...(isOurs ? [engine(scope)] : []),
      ...(scope.isCluster ? [upstream(scope)] : []),
      door(scope),
    ],
  }
}

/** Where a gateway stands before an engine, a request waits in one of the two, which may name it differently. */
function waitingIn(series: EngineSeries, { both, engines }: Pick<Scope, 'both' | 'engines'>): string {
  const ours = metrics.requestsWaiting.name
  const all = selector(ours, both, ofModel)
  return series.waiting === ours ? all : `${all} or ${selector(series.waiting, engines, ofModel)}`
}

function promises({ slo }: Deployment, series: EngineSeries, { gateways, engines, both }: Scope): RowSpec {
  const slowest = slo.latencyShare
  // Where the alerts look: whole answers and failures where clients are, first tokens at the engines.
  const endToEnd = selector(`${metrics.endToEnd.name}_bucket`, gateways, ofModel)
  const firstToken = selector(`${series.firstToken}_bucket`, engines, ofModel)
  const http = (window: string, more = ''): string =>
    `sum(rate(${selector(metrics.httpRequests.name, gateways, clientRoutes, more)}[${window}]))`
  const quantile = (of: string): string => `histogram_quantile(${slowest}, sum by (le) (${rate(of)}))`
  const numbers: PanelSpec[] = [
    {
      title: `P${percent(slowest)} of answers`,
      description: `From a request to its last token. Promised: ${slo.latencyMillis} ms (slo.latencyMillis).`,
      form: 'number',
      unit: 's',
      queries: [{ expr: quantile(endToEnd), legend: 'all models' }],
      limit: { at: slo.latencyMillis / 1000, bad: 'above' },
    },
    {
      title: `P${percent(slowest)} to the first token`,
      description:
        slo.ttftMillis === undefined
          ? 'From a request to its first token. Nothing is promised (slo.ttftMillis).'
          : `From a request to its first token. Promised: ${slo.ttftMillis} ms (slo.ttftMillis).`,
      form: 'number',
      unit: 's',
      queries: [{ expr: quantile(firstToken), legend: 'all models' }],
      ...(slo.ttftMillis === undefined
        ? {}
        : { limit: { at: slo.ttftMillis / 1000, bad: 'above' as const } }),
    },
    {
      title: 'Waiting',
      description: `Requests in line for a model, the longest line of all. Promised: ${slo.maxBacklog} at most (slo.maxBacklog).`,
      form: 'number',
      unit: 'short',
      queries: [
        { expr: `max(${sumBy(model, waitingIn(series, { both, engines }))})`, legend: 'longest line' },
      ],
      limit: { at: slo.maxBacklog, bad: 'above' },
    },
    {
      title: 'Answered without failure',
      description: `Share of HTTP requests that did not end in 5xx, over the last hour. Promised: ${percent(slo.availability)} % over ${slo.windowDays} days (slo.availability).`,
      form: 'number',
      unit: 'percentunit',
      decimals: 3,
      queries: [
        {
          expr: `1 - (${http('1h', 'status=~"5.."')} or vector(0)) / ${http('1h')}`,
          legend: 'share',
        },
      ],
      limit: { at: slo.availability, bad: 'below' },
    },
    {
      title: 'Requests',
      description: 'HTTP requests a second, over all routes.',
      form: 'number',
      unit: 'reqps',
      queries: [{ expr: http('$__rate_interval'), legend: 'requests' }],
    },
    {
      title: 'Tokens',
      description: 'Tokens generated a second, over all models.',
      form: 'number',
      unit: 'short',
      queries: [
        {
          expr: `sum(${rate(selector(series.generationTokens, engines, ofModel))})`,
          legend: 'tokens a second',
        },
      ],
    },
  ]
  return { title: 'Promises', panels: numbers }
}

function traffic(series: EngineSeries, { gateways, engines }: Scope): RowSpec {
  const panels: PanelSpec[] = [
    {
      title: 'HTTP requests by status',
      description:
        'At the door, before and after the guard and the line. 429 and 503 are load that was shed.',
      form: 'stacked',
      unit: 'reqps',
      queries: [
        { expr: sumBy('status', rate(selector(metrics.httpRequests.name, gateways))), legend: '{{status}}' },
      ],
    },
    {
      title: 'Errors by code',
      description: 'docs/errors.md says what each code means and what to do.',
      form: 'stacked',
      unit: 'reqps',
      queries: [{ expr: sumBy('code', rate(selector(metrics.errors.name, gateways))), legend: '{{code}}' }],
    },
    {
      title: 'Tokens a second',
      description: 'Prompt tokens, cached ones included, and tokens generated.',
      form: 'lines',
      unit: 'short',
      queries: [
        {
          expr: sumBy(model, rate(selector(series.promptTokens, engines, ofModel))),
          legend: 'prompt {{model_name}}',
        },
        {
          expr: sumBy(model, rate(selector(series.generationTokens, engines, ofModel))),
          legend: 'generated {{model_name}}',
        },
      ],
    },
  ]
  return { title: 'Traffic', panels }
}

function latency({ slo }: Deployment, series: EngineSeries, { engines }: Scope): RowSpec {
  const of = (metric: string): string => selector(`${metric}_bucket`, engines, ofModel)
  const phases = [
    ['queue', series.queueTime],
    ['prefill', series.prefillTime],
    ['decode', series.decodeTime],
  ] as const
  const known = phases.flatMap(([name, metric]) =>
    metric === undefined
      ? []
      : [{ expr: mean(metric, model, engines, ofModel), legend: `${name} {{model_name}}` }],
  )
  const panels: PanelSpec[] = [
    {
      title: 'Whole answers',
      description: 'From a request to its last token.',
      form: 'lines',
      unit: 's',
      min: 0,
      span: 6,
      queries: quantiles(of(series.endToEnd), model),
      limit: { at: slo.latencyMillis / 1000, bad: 'above' },
    },
    {
      title: 'First token',
      description: 'From a request to its first token: the line, then prefill.',
      form: 'lines',
      unit: 's',
      min: 0,
      span: 6,
      queries: quantiles(of(series.firstToken), model),
      ...(slo.ttftMillis === undefined
        ? {}
        : { limit: { at: slo.ttftMillis / 1000, bad: 'above' as const } }),
    },
    {
      title: 'Between tokens',
      description: 'As a streaming client sees it. Rises when prompts of others are computed beside.',
      form: 'lines',
      unit: 's',
      min: 0,
      span: 6,
      queries: quantiles(of(series.interToken), model),
    },
  ]
  if (known.length > 0)
    panels.push({
      title: 'Where the time went',
      description: 'Means of the parts of a request. A line that grows wants more engines or fewer requests.',
      form: 'stacked',
      unit: 's',
      min: 0,
      span: 6,
      queries: known,
    })
  return { title: 'Latency', panels }
}

function batch(series: EngineSeries, { engines, both }: Scope, isOurs: boolean): RowSpec {
  const gauge = (metric: string, of = engines): string => sumBy(model, selector(metric, of, ofModel))
  const panels: PanelSpec[] = [
    {
      title: 'Running and waiting',
      description: 'Sequences in the batch and in the line.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [
        { expr: gauge(series.running), legend: 'running {{model_name}}' },
        { expr: sumBy(model, waitingIn(series, { both, engines })), legend: 'waiting {{model_name}}' },
        ...(isOurs ? [{ expr: gauge(metrics.maxBatchSize.name), legend: 'places {{model_name}}' }] : []),
      ],
    },
    {
      title: 'Keys and values in use',
      description:
        'Share of the KV cache, the fullest engine of each model. Full makes sequences wait or make way.',
      form: 'lines',
      unit: 'percentunit',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `max by (${model}) (${selector(series.kvUsage, engines, ofModel)})`,
          legend: '{{model_name}}',
        },
      ],
      limit: { at: 0.95, bad: 'above' },
    },
  ]
  const { stepTokens, prefixHits, prefixQueries, preemptions } = series
  if (stepTokens !== undefined)
    panels.push({
      title: 'Tokens in a step',
      description:
        'Mean of prefill and decode together. Near the number of running sequences: mostly decodes.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: mean(stepTokens, model, engines, ofModel), legend: '{{model_name}}' }],
    })
  if (prefixHits !== undefined && prefixQueries !== undefined)
    panels.push({
      title: 'Prompt tokens found in the cache',
      description: 'Share of prompt tokens that had been computed for somebody else.',
      form: 'lines',
      unit: 'percentunit',
      min: 0,
      max: 1,
      queries: [
        {
          expr: `${sumBy(model, rate(selector(prefixHits, engines, ofModel)))} / ${sumBy(model, rate(selector(prefixQueries, engines, ofModel)))}`,
          legend: '{{model_name}}',
        },
      ],
    })
  if (preemptions !== undefined)
    panels.push({
      title: 'Preemptions',
      description: 'Sequences put aside for more urgent ones, or because cells ran short.',
      form: 'lines',
      unit: 'cps',
      min: 0,
      queries: [
        { expr: sumBy(model, rate(selector(preemptions, engines, ofModel))), legend: '{{model_name}}' },
      ],
    })
  if (isOurs)
    panels.push({
      title: 'Time of a step',
      description: 'One native decode with sampling. P99 is what a client waits between tokens at least.',
      form: 'lines',
      unit: 's',
      min: 0,
      queries: quantiles(selector(`${metrics.stepTime.name}_bucket`, engines, ofModel), model, [0.5, 0.99]),
    })
  return { title: 'Batch', panels }
}

function engine({ engines }: Scope): RowSpec {
  const of = (metric: string): string => selector(metric, engines, ofModel)
  const panels: PanelSpec[] = [
    {
      title: 'Engines ready',
      description: 'Engine processes that take requests.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.engineReady.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Restarts',
      description: 'Engine processes started again since their server began: each was a crash.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.engineRestarts.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Phases of the last start',
      description: 'The slowest engine. The startup probe must allow for all of them three times.',
      form: 'lines',
      unit: 's',
      min: 0,
      queries: [{ expr: `max by (phase) (${of(metrics.startTime.name)})`, legend: '{{phase}}' }],
    },
  ]
  return { title: 'Engine', panels }
}

function upstream({ gateways }: Scope): RowSpec {
  const of = (metric: string): string => selector(metric, gateways, ofModel)
  const panels: PanelSpec[] = [
    {
      title: 'Replicas up',
      description: 'Engines that answer the gateway’s health checks.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.upstreamReplicaUp.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Unanswered by replica',
      description:
        'Requests that each replica has. Uneven: a beginning that everybody shares, or a slow replica.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy('replica', of(metrics.upstreamOutstanding.name)), legend: '{{replica}}' }],
    },
    {
      title: 'Failures and retries',
      description: 'Attempts that failed, requests that were asked again, answers that were cut.',
      form: 'lines',
      unit: 'reqps',
      min: 0,
      queries: [
        { expr: `sum(${rate(of(metrics.upstreamFailures.name))})`, legend: 'failed' },
        { expr: `sum(${rate(of(metrics.upstreamRetries.name))})`, legend: 'asked again' },
        { expr: `sum(${rate(of(metrics.upstreamInterrupted.name))})`, legend: 'cut' },
      ],
    },
  ]
  return { title: 'Gateway to engines', panels }
}

function door({ gateways }: Scope): RowSpec {
  const panels: PanelSpec[] = [
    {
      title: 'Refused for their key',
      description: 'By reason: limits that hold, and keys that are wrong.',
      form: 'stacked',
      unit: 'reqps',
      queries: [
        { expr: sumBy('reason', rate(selector(metrics.keyRefusals.name, gateways))), legend: '{{reason}}' },
      ],
    },
    {
      title: 'Usage not yet in the database',
      description: 'Requests in the journal. Grows while the database does not answer; nothing is lost.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: `sum(${selector(metrics.journalBacklog.name, gateways)})`, legend: 'requests' }],
    },
    {
      title: 'Connections dropped',
      description: 'Refused because the limit was reached (maxConnections).',
      form: 'lines',
      unit: 'cps',
      min: 0,
      queries: [
        { expr: `sum(${rate(selector(metrics.connectionsDropped.name, gateways))})`, legend: 'dropped' },
      ],
    },
  ]
  return { title: 'Door', panels }
}
