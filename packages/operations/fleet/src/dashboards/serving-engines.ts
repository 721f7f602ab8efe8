/** Engine dashboards behind the SLOs: the batch, the engine, the path from the gateway to it. */

import { metrics } from '@hadal/protocol'
import type { EngineSeries } from '../series/engine-series.ts'
import type { PanelSpec, RowSpec } from './board-spec.ts'
import { mean, quantiles, rate, selector, sumBy } from './queries.ts'
import type { Scope } from './scope.ts'

export const model = 'model_name'
export const ofModel: string = 'model_name=~"$model"'

/** A request waits in a gateway or in the engine behind it; their metric names may differ. */
export function waitingIn(series: EngineSeries, { both, engines }: Pick<Scope, 'both' | 'engines'>): string {
  const ours = metrics.requestsWaiting.name
  const all = selector(ours, both, ofModel)
  return series.waiting === ours ? all : `${all} or ${selector(series.waiting, engines, ofModel)}`
}

export function batchRow(series: EngineSeries, { engines, both }: Scope, isOurs: boolean): RowSpec {
  const gauge = (metric: string, of = engines): string => sumBy(model, selector(metric, of, ofModel))
  const panels: PanelSpec[] = [
    {
      title: 'Running and queued',
      description: 'Sequences in the batch and in the queue.',
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
      title: 'KV cache used',
      description:
        'Share of the KV cache; the fullest engine of each model. When it is full, sequences are queued or preempted.',
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
      title: 'Tokens per step',
      description: 'Mean over prefill and decode. Close to the number of running sequences: mostly decode.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: mean(stepTokens, model, engines, ofModel), legend: '{{model_name}}' }],
    })
  if (prefixHits !== undefined && prefixQueries !== undefined)
    panels.push({
      title: 'Prefix-cache hit rate',
      description: 'Share of prompt tokens that were found in the prefix cache.',
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
      description: 'Sequences preempted for higher-priority ones, or because the KV cache was full.',
      form: 'lines',
      unit: 'cps',
      min: 0,
      queries: [
        { expr: sumBy(model, rate(selector(preemptions, engines, ofModel))), legend: '{{model_name}}' },
      ],
    })
  if (isOurs)
    panels.push({
      title: 'Step time',
      description:
        'One native decode with sampling. The P99 is a lower bound of the inter-token latency of a client.',
      form: 'lines',
      unit: 's',
      min: 0,
      queries: quantiles(selector(`${metrics.stepTime.name}_bucket`, engines, ofModel), model, [0.5, 0.99]),
    })
  return { title: 'Batch', panels }
}

export function engineRow({ engines }: Scope): RowSpec {
  const of = (metric: string): string => selector(metric, engines, ofModel)
  const panels: PanelSpec[] = [
    {
      title: 'Engines ready',
      description: 'Engine processes that accept requests.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.engineReady.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Restarts',
      description: 'Engine processes restarted since their server started: each restart was a crash.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.engineRestarts.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Phases of the last start',
      description: 'The slowest engine. The startup probe must allow three times their sum.',
      form: 'lines',
      unit: 's',
      min: 0,
      queries: [{ expr: `max by (phase) (${of(metrics.startTime.name)})`, legend: '{{phase}}' }],
    },
  ]
  return { title: 'Engine', panels }
}

export function upstreamRow({ gateways }: Scope): RowSpec {
  const of = (metric: string): string => selector(metric, gateways, ofModel)
  const panels: PanelSpec[] = [
    {
      title: 'Replicas up',
      description: 'Engines that pass the health checks of the gateway.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy(model, of(metrics.upstreamReplicaUp.name)), legend: '{{model_name}}' }],
    },
    {
      title: 'Requests in flight by replica',
      description:
        'Requests in flight at each replica. If uneven: a prefix that all requests share, or a slow replica.',
      form: 'lines',
      unit: 'short',
      min: 0,
      queries: [{ expr: sumBy('replica', of(metrics.upstreamOutstanding.name)), legend: '{{replica}}' }],
    },
    {
      title: 'Failures and retries',
      description: 'Failed attempts, retried requests, interrupted responses.',
      form: 'lines',
      unit: 'reqps',
      min: 0,
      queries: [
        { expr: `sum(${rate(of(metrics.upstreamFailures.name))})`, legend: 'failed' },
        { expr: `sum(${rate(of(metrics.upstreamRetries.name))})`, legend: 'retried' },
        { expr: `sum(${rate(of(metrics.upstreamInterrupted.name))})`, legend: 'cut' },
      ],
    },
  ]
  return { title: 'Gateway to engines', panels }
}
