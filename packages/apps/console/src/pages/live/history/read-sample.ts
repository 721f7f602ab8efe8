/** Converts one /metrics poll to a history sample. Pure. */

import type { MetricSample } from '@hadal/protocol'
import { type Histogram, histogramOf } from './histogram.ts'

/** vLLM metric names where they exist: the page works with any exporter of them. */
const counters = {
  promptTokens: 'vllm:prompt_tokens_total',
  newTokens: 'vllm:generation_tokens_total',
  finished: 'vllm:request_success_total',
  preemptions: 'vllm:num_preemptions_total',
  prefixQueries: 'vllm:prefix_cache_queries_total',
  prefixHits: 'vllm:prefix_cache_hits_total',
} as const

const gauges = {
  running: 'vllm:num_requests_running',
  waiting: 'vllm:num_requests_waiting',
  kvCacheUsage: 'vllm:kv_cache_usage_perc',
} as const

const histograms = {
  ttft: 'vllm:time_to_first_token_seconds',
  itl: 'vllm:inter_token_latency_seconds',
  e2e: 'vllm:e2e_request_latency_seconds',
} as const

export type CounterName = keyof typeof counters
export type GaugeName = keyof typeof gauges
export type HistogramName = keyof typeof histograms

export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly counters: Readonly<Record<CounterName, number>>
  readonly gauges: Readonly<Record<GaugeName, number>>
  readonly histograms: Readonly<Partial<Record<HistogramName, Histogram>>>
}

export function readSample(samples: readonly MetricSample[], model: string, at: number): Sample {
  const own = samples.filter(({ labels }) => labels.model_name === model)
  const sum = (name: string): number =>
    own.reduce((total, sample) => (sample.name === name ? total + finite(sample.value) : total), 0)
  const sums = <Name extends string>(of: Readonly<Record<Name, string>>): Record<Name, number> =>
    Object.fromEntries(Object.entries<string>(of).map(([name, metric]) => [name, sum(metric)])) as Record<
      Name,
      number
    >
  return {
    at,
    counters: sums(counters),
    gauges: sums(gauges),
    histograms: Object.fromEntries(
      Object.entries(histograms).flatMap(([name, metric]) => {
        const found = histogramOf(own, metric, model)
        return found === undefined ? [] : [[name, found]]
      }),
    ),
  }
}

const finite = (value: number): number => (Number.isFinite(value) ? value : 0)
