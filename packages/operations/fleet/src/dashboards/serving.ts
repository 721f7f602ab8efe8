/** The serving dashboard: SLOs, traffic, and the latency breakdown of requests. */

import { metrics } from '@hadal/protocol'
import type { Deployment } from '../deployment/deployment.ts'
import { clientRoutes } from '../rules/topics/availability.ts'
import { type EngineSeries, engineSeries } from '../series/engine-series.ts'
import type { BoardSpec, PanelSpec, RowSpec } from './board-spec.ts'
import { mean, quantiles, rate, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'
import { batchRow, engineRow, model, ofModel, upstreamRow, waitingIn } from './serving-engines.ts'

/** A share as people read it: 0.999 is 99.9. */
const percent = (share: number): number => Number((share * 100).toFixed(4))

export function servingBoard(deployment: Deployment, scope: Scope): BoardSpec {
  const kind = deployment.engines[0]?.kind ?? 'llama'
  const series = engineSeries(kind)
  const isOurs = kind === 'llama'
  return {
    name: 'serving',
    title: `${scope.title}: serving`,
    description: 'Service level objectives, measured values, and where requests spend their time.',
    variables: [
      {
        name: 'model',
        label: 'Model',
        // A gateway exports it for every model, whatever engine runs it.
        series: selector(metrics.requestsWaiting.name, scope.gateways),
        valueLabel: model,
      },
    ],
    rows: [
      promises(deployment, series, scope),
      traffic(series, scope),
      latency(deployment, series, scope),
      batchRow(series, scope, isOurs),
      ...(isOurs ? [engineRow(scope)] : []),
      ...(scope.isCluster ? [upstreamRow(scope)] : []),
      api(scope),
    ],
  }
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
      title: `P${percent(slowest)} request latency`,
      description: `From a request to its last token. SLO: ${slo.latencyMillis} ms (slo.latencyMillis).`,
      form: 'number',
      unit: 's',
      queries: [{ expr: quantile(endToEnd), legend: 'all models' }],
      limit: { at: slo.latencyMillis / 1000, bad: 'above' },
    },
    {
      title: `P${percent(slowest)} time to first token`,
      description:
        slo.ttftMillis === undefined
          ? 'From a request to its first token. No SLO is set (slo.ttftMillis).'
          : `From a request to its first token. SLO: ${slo.ttftMillis} ms (slo.ttftMillis).`,
      form: 'number',
      unit: 's',
      queries: [{ expr: quantile(firstToken), legend: 'all models' }],
      ...(slo.ttftMillis === undefined
        ? {}
        : { limit: { at: slo.ttftMillis / 1000, bad: 'above' as const } }),
    },
    {
      title: 'Queued requests',
      description: `Queued requests of the model with the longest queue. SLO: at most ${slo.maxBacklog} (slo.maxBacklog).`,
      form: 'number',
      unit: 'short',
      queries: [
        { expr: `max(${sumBy(model, waitingIn(series, { both, engines }))})`, legend: 'longest queue' },
      ],
      limit: { at: slo.maxBacklog, bad: 'above' },
    },
    {
      title: 'Availability',
      description: `Share of HTTP requests that did not end in 5xx, over the last hour. SLO: ${percent(slo.availability)} % over ${slo.windowDays} days (slo.availability).`,
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
      description: 'HTTP requests per second, over all routes.',
      form: 'number',
      unit: 'reqps',
      queries: [{ expr: http('$__rate_interval'), legend: 'requests' }],
    },
    {
      title: 'Tokens',
      description: 'Tokens generated per second, over all models.',
      form: 'number',
      unit: 'short',
      queries: [
        {
          expr: `sum(${rate(selector(series.generationTokens, engines, ofModel))})`,
          legend: 'tokens/s',
        },
      ],
    },
  ]
  return { title: 'Service level objectives', panels: numbers }
}

function traffic(series: EngineSeries, { gateways, engines }: Scope): RowSpec {
  const panels: PanelSpec[] = [
    {
      title: 'HTTP requests by status',
      description:
        'Measured at the HTTP server, including requests rejected by the guard or the queue. 429 and 503 are shed load.',
      form: 'stacked',
      unit: 'reqps',
      queries: [
        { expr: sumBy('status', rate(selector(metrics.httpRequests.name, gateways))), legend: '{{status}}' },
      ],
    },
    {
      title: 'Errors by code',
      description: 'docs/errors.md explains each code and its fix.',
      form: 'stacked',
      unit: 'reqps',
      queries: [{ expr: sumBy('code', rate(selector(metrics.errors.name, gateways))), legend: '{{code}}' }],
    },
    {
      title: 'Tokens per second',
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
      title: 'Request latency',
      description: 'From a request to its last token.',
      form: 'lines',
      unit: 's',
      min: 0,
      span: 6,
      queries: quantiles(of(series.endToEnd), model),
      limit: { at: slo.latencyMillis / 1000, bad: 'above' },
    },
    {
      title: 'Time to first token',
      description: 'From a request to its first token: queue time plus prefill.',
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
      title: 'Inter-token latency',
      description:
        'As seen by a streaming client. Rises while prompts of other requests are prefilled in the same batch.',
      form: 'lines',
      unit: 's',
      min: 0,
      span: 6,
      queries: quantiles(of(series.interToken), model),
    },
  ]
  if (known.length > 0)
    panels.push({
      title: 'Request time by phase',
      description:
        'Mean time of each phase of a request. A growing queue time needs more engines or fewer requests.',
      form: 'stacked',
      unit: 's',
      min: 0,
      span: 6,
      queries: known,
    })
  return { title: 'Latency', panels }
}

function api({ gateways }: Scope): RowSpec {
  const panels: PanelSpec[] = [
    {
      title: 'Requests rejected by key',
      description: 'By reason: exceeded limits and invalid keys.',
      form: 'stacked',
      unit: 'reqps',
      queries: [
        { expr: sumBy('reason', rate(selector(metrics.keyRefusals.name, gateways))), legend: '{{reason}}' },
      ],
    },
    {
      title: 'Usage not yet in the database',
      description: 'Requests in the journal. Grows while the database is unavailable; nothing is lost.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: `sum(${selector(metrics.journalBacklog.name, gateways)})`, legend: 'requests' }],
    },
    {
      title: 'Connections dropped',
      description: 'Rejected because the connection limit (maxConnections) was reached.',
      form: 'lines',
      unit: 'cps',
      min: 0,
      queries: [
        { expr: `sum(${rate(selector(metrics.connectionsDropped.name, gateways))})`, legend: 'dropped' },
      ],
    },
  ]
  return { title: 'API', panels }
}
