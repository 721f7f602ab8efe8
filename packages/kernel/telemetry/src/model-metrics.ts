/** The metrics of one model with its label bound once, so that a token costs no label look-up in our code. */

import type { Counter, Histogram } from 'prom-client'
import type { Registered } from './prometheus.ts'

type BoundHistogram = Histogram.Internal<string>
type BoundCounter = Counter.Internal

export interface ModelMetrics {
  readonly promptTokens: BoundCounter
  readonly generationTokens: BoundCounter
  readonly prefixCacheQueries: BoundCounter
  readonly prefixCacheHits: BoundCounter
  readonly timeToFirstToken: BoundHistogram
  readonly interTokenLatency: BoundHistogram
  readonly endToEnd: BoundHistogram
  readonly queueTime: BoundHistogram
  readonly prefillTime: BoundHistogram
  readonly decodeTime: BoundHistogram
  readonly iterationTokens: BoundHistogram
  readonly stepSequences: BoundHistogram
  readonly stepTime: BoundHistogram
  readonly nativeTime: BoundCounter
  readonly preemptions: BoundCounter
  readonly drafts: BoundCounter
  readonly draftTokens: BoundCounter
  readonly acceptedDraftTokens: BoundCounter
  finished(reason: string): void
}

/** Counters start at zero rather than absent, so that a rate over the first scrape is correct. */
export function bindModel(registered: Registered, model: string): ModelMetrics {
  const counter = (metric: Counter): BoundCounter => {
    const bound = metric.labels(model)
    bound.inc(0)
    return bound
  }
  const histogram = (metric: Histogram): BoundHistogram => {
    metric.zero({ model_name: model })
    return metric.labels(model)
  }
  for (const reason of ['stop', 'length', 'abort', 'error']) registered.finished.labels(model, reason).inc(0)
  return {
    promptTokens: counter(registered.promptTokens),
    generationTokens: counter(registered.generationTokens),
    prefixCacheQueries: counter(registered.prefixCacheQueries),
    prefixCacheHits: counter(registered.prefixCacheHits),
    timeToFirstToken: histogram(registered.timeToFirstToken),
    interTokenLatency: histogram(registered.interTokenLatency),
    endToEnd: histogram(registered.endToEnd),
    queueTime: histogram(registered.queueTime),
    prefillTime: histogram(registered.prefillTime),
    decodeTime: histogram(registered.decodeTime),
    iterationTokens: histogram(registered.iterationTokens),
    stepSequences: histogram(registered.stepSequences),
    stepTime: histogram(registered.stepTime),
    nativeTime: counter(registered.nativeTime),
    preemptions: counter(registered.preemptions),
    drafts: counter(registered.drafts),
    draftTokens: counter(registered.draftTokens),
    acceptedDraftTokens: counter(registered.acceptedDraftTokens),
    finished: (reason) => registered.finished.labels(model, reason).inc(),
  }
}
