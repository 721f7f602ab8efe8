/**
 * An exporter that absorbs failures: logs when they start and end, and counts them in between. Callers always see success,
 * since they cannot do anything about failures.
 */

import { type Logger, messageOf } from '@hadal/base'
import type { SpanExporter } from '@opentelemetry/sdk-trace-base'

export function reportedExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  let lost = 0
  const failed = (count: number, error: unknown): void => {
    if (lost === 0) logger.warn('traces cannot be exported and are dropped', { error: messageOf(error) })
    lost += count
  }
  const heard = (): void => {
    if (lost > 0) logger.info('traces are exported again', { spansLost: lost })
    lost = 0
  }
  return {
    export(spans, done) {
      try {
        exporter.export(spans, ({ code, error }) => {
          if (code === 0) heard()
          else failed(spans.length, error ?? 'the export failed')
          done({ code: 0 })
        })
      } catch (thrown) {
        failed(spans.length, thrown)
        done({ code: 0 })
      }
    },
    shutdown: () => exporter.shutdown().catch(() => {}),
    ...(exporter.forceFlush !== undefined && {
      forceFlush: () => exporter.forceFlush!().catch(() => {}),
    }),
  }
}
