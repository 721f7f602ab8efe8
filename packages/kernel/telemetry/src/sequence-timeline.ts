/**
 * One sequence from its request to its last token, turned into histograms and counters. The times the client feels are
 * taken here; queue, prefill and decode come from the engine, which alone knows them. Knows no engine and no HTTP.
 */

import type { Clock } from '@hadal/base'
import type { ModelMetrics } from './model-metrics.ts'

export interface SequenceOutcome {
  readonly finishReason: 'stop' | 'length' | 'content_filter'
  readonly usage: { readonly promptTokens: number; readonly cachedTokens: number }
  readonly timings: {
    readonly queueMillis: number
    readonly prefillMillis: number
    readonly decodeMillis: number
  }
}

export interface SequenceTimeline {
  /** A piece of text with this many new tokens arrived. */
  tokens(count: number): void
  finished(outcome: SequenceOutcome): void
  /** It ended before it was done: cancelled, or failed. */
  cut(reason: 'abort' | 'error'): void
}

export function startTimeline(metrics: ModelMetrics, clock: Clock): SequenceTimeline {
  const startedAt = clock.now()
  let lastAt: number | undefined
  return {
    tokens(count) {
      const now = clock.now()
      if (lastAt === undefined) metrics.timeToFirstToken.observe((now - startedAt) / 1000)
      else metrics.interTokenLatency.observe((now - lastAt) / 1000)
      lastAt = now
      metrics.generationTokens.inc(count)
    },
    finished({ finishReason, usage, timings }) {
      metrics.endToEnd.observe((clock.now() - startedAt) / 1000)
      metrics.queueTime.observe(timings.queueMillis / 1000)
      metrics.prefillTime.observe(timings.prefillMillis / 1000)
      metrics.decodeTime.observe(timings.decodeMillis / 1000)
      metrics.promptTokens.inc(usage.promptTokens)
      metrics.prefixCacheQueries.inc(usage.promptTokens)
      metrics.prefixCacheHits.inc(usage.cachedTokens)
      metrics.finished(finishReason)
    },
    cut: (reason) => metrics.finished(reason),
  }
}
