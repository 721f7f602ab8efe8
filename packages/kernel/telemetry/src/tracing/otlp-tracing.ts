/**
 * Tracing with the OpenTelemetry libraries, over OTLP/HTTP as JSON. Loaded only if spans have a destination. The queue is
 * bounded: an unavailable collector costs spans, never a response. Registers nothing globally.
 */

import {
  type Attributes,
  createTraceState,
  type HrTime,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base'
import { reportedExporter } from './reported-exporter.ts'
import { formatTraceparent, parseTraceparent, type TraceHeaders } from './trace-context.ts'
import type { RequestSpan, SpanAttributes, Tracing, TracingOptions } from './tracing.ts'

/** @public Resolved by its path. */
export function otlpTracing(options: TracingOptions): Tracing {
  const { ratio = 1, delayMillis = 2_000, timeoutMillis = 10_000, maxQueue = 4096, logger } = options
  const exporter: SpanExporter = new OTLPTraceExporter({
    ...(options.endpoint !== undefined && { url: tracesUrl(options.endpoint) }),
    timeoutMillis,
  })
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({
          'service.name': 'hadal',
          ...(options.serviceVersion !== undefined && { 'service.version': options.serviceVersion }),
        }),
      )
      // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
      .merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor(reportedExporter(exporter, logger), {
        maxQueueSize: maxQueue,
        maxExportBatchSize: Math.min(512, maxQueue),
        scheduledDelayMillis: delayMillis,
        exportTimeoutMillis: timeoutMillis + 5_000,
      }),
    ],
  })
  const tracer = provider.getTracer('hadal', options.serviceVersion)

  return {
    begin(name, from, parent): RequestSpan {
      const span = tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: time(from) }, contextOf(parent))
      const { traceId, spanId, traceFlags } = span.spanContext()
      const isSampled = (traceFlags & 1) === 1
      return {
        isRecorded: span.isRecording(),
        headers: {
          traceparent: formatTraceparent({ traceId, spanId, isSampled }),
          ...(parent?.tracestate !== undefined && { tracestate: parent.tracestate }),
        },
        end(outcome) {
          if (!span.isRecording()) return
          span.updateName(outcome.name)
          span.setAttributes(given(outcome.attributes))
          if (outcome.error !== undefined) span.setAttribute('error.type', outcome.error)
          if (outcome.hasFailed) span.setStatus({ code: SpanStatusCode.ERROR })
          const inside = trace.setSpan(ROOT_CONTEXT, span)
          for (const part of outcome.parts) {
            const child = tracer.startSpan(part.name, { startTime: time(part.from) }, inside)
            child.setAttributes(given(part.attributes ?? {}))
            for (const event of part.events ?? [])
              child.addEvent(event.name, given(event.attributes ?? {}), time(event.at))
            child.end(time(part.to))
          }
          span.end(time(outcome.to))
        },
      }
    },
    async close(millis) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, millis)
      })
      await Promise.race([provider.shutdown().catch(() => {}), late])
      clearTimeout(timer)
    },
  }
}

/** Like `OTEL_EXPORTER_OTLP_ENDPOINT`: the traces path is appended unless present. */
export function tracesUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '')
  return base.endsWith('/v1/traces') ? base : `${base}/v1/traces`
}

function contextOf(headers: TraceHeaders | undefined): typeof ROOT_CONTEXT {
  const parent = parseTraceparent(headers?.traceparent)
  if (parent === undefined) return ROOT_CONTEXT
  const { traceId, spanId, isSampled } = parent
  const state = headers?.tracestate
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: isSampled ? 1 : 0,
    isRemote: true,
    ...(state !== undefined && { traceState: createTraceState(state) }),
  })
}

/** Seconds and nanoseconds: a plain number would be interpreted by its magnitude. */
const time = (millis: number): HrTime => [Math.floor(millis / 1000), Math.round((millis % 1000) * 1e6)]

const given = (attributes: SpanAttributes): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  )
