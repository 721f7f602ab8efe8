/**
 * The timeline of one sequence, recorded in histograms and counters. Client-side latencies are measured here; queue, prefill
 * and decode times come from the engine.
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
  /** It ended early: cancelled or failed. */
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
