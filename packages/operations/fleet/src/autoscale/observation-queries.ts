/**
 * The Prometheus queries of `hadal scale`. Besides each value it queries the age of its oldest sample and the number of sources: an
 * exporter that went silent must not look like idle engines. Pure.
 */

import type { Deployment, EnginePlan } from '../deployment/deployment.ts'
import { engineSeries } from '../series/engine-series.ts'
import {
  backlogOf,
  demandOf,
  gpuOf,
  gpuSeries,
  matchers,
  ofModelOf,
  placeSeries,
  placesOf,
  podsOf,
} from './queries.ts'

export interface ObservedQuery {
  /** One number. */
  readonly value: string
  /**
   * Timestamp of its oldest sample: epoch seconds, by Prometheus' clock. Empty if the metric is not exported.
   */
  readonly measuredAt: string
  /** How many sources are in it, and how many each engine has. */
  readonly sources?: { readonly count: string; readonly perReplica: number }
  /** If the exporter runs but the series is absent, the metric is NaN. */
  readonly noneIsFine?: true
}

export interface ObservationQueries {
  /** Busy engine capacity, in percent of one replica. Undefined if not reported: vLLM and SGLang on CPUs. */
  readonly busyPercent: ObservedQuery | undefined
  readonly backlog: ObservedQuery
  /** Milliseconds, by `slo.latencyShare`: P99 of 0.99. */
  readonly latencyP99Millis: ObservedQuery
  readonly demand: ObservedQuery
}

/** @internal */
export function observationQueries(deployment: Deployment, engine: EnginePlan): ObservationQueries {
  const waiting = engineSeries('llama').waiting
  const ofModel = ofModelOf(deployment, engine)
  const atGateways = matchers(deployment, podsOf(deployment.gateway), ofModel)
  const gatewaysSpeak = oldest(`${waiting}{${atGateways}}`)
  return {
    busyPercent: busyOf(deployment, engine),
    backlog: { value: backlogOf(deployment, engine), measuredAt: gatewaysSpeak },
    latencyP99Millis: {
      value: quantile(deployment, `${engineSeries('llama').endToEnd}_bucket{${atGateways}}`),
      measuredAt: gatewaysSpeak,
      noneIsFine: true,
    },
    demand: { value: demandOf(deployment, engine), measuredAt: gatewaysSpeak },
  }
}

/** Measured on GPUs if their metrics name the pod, else on batch slots. */
function busyOf(deployment: Deployment, engine: EnginePlan): ObservedQuery | undefined {
  if (engine.gpus > 0 && deployment.monitor.gpuPodLabel !== '') {
    const series = gpuSeries(deployment, engine)
    return {
      value: gpuOf(deployment, engine),
      measuredAt: oldest(series),
      sources: { count: `count(${series} <= 100)`, perReplica: engine.gpus },
    }
  }
  if (engine.kind !== 'llama') return undefined
  const { running, runningAnywhere } = placeSeries(deployment, engine)
  return {
    value: placesOf(deployment, engine),
    // `timestamp` of anything but a plain selector returns the evaluation time.
    measuredAt: oldest(runningAnywhere),
    sources: { count: `count(count by (instance) (${running}))`, perReplica: 1 },
  }
}

const oldest = (series: string): string => `min(timestamp(${series}))`

/** Over two minutes, or four scrapes where those are far apart: `rate` needs two samples, and counts on through a restart. */
export const latencyWindowSeconds = ({ monitor }: Pick<Deployment, 'monitor'>): number =>
  Math.max(120, Math.ceil((4 * monitor.scrapeIntervalMillis) / 1000))

function quantile(deployment: Deployment, buckets: string): string {
  const { slo } = deployment
  const window = latencyWindowSeconds(deployment)
  return `1000 * histogram_quantile(${slo.latencyShare}, sum by (le) (rate(${buckets}[${window}s])))`
}
