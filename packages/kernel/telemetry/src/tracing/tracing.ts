/**
 * The tracing interface: spans of requests for an OpenTelemetry collector. The libraries are loaded only if tracing is enabled
 * (`otlp-tracing.ts`).
 */

import type { Logger } from '@hadal/base'
import type { TraceHeaders } from './trace-context.ts'

export type SpanAttribute = string | number | boolean | readonly string[]
/** Undefined attributes are omitted. */
export type SpanAttributes = Readonly<Record<string, SpanAttribute | undefined>>

/** Times are milliseconds since 1970, with a fraction. */
export interface SpanEvent {
  readonly name: string
  readonly at: number
  readonly attributes?: SpanAttributes
}

/** A finished part of a request. */
export interface SpanPart {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly attributes?: SpanAttributes
  readonly events?: readonly SpanEvent[]
}

/** The outcome of a request. */
export interface SpanOutcome {
  readonly name: string
  readonly to: number
  readonly attributes: SpanAttributes
  readonly parts: readonly SpanPart[]
  /** The error code, if it failed. */
  readonly error?: string
  /** Failed for a reason other than the client. */
  readonly hasFailed: boolean
}

export interface RequestSpan {
  /** Whether it will be exported: otherwise skip details. */
  readonly isRecorded: boolean
  /** For outgoing requests on behalf of this one. */
  readonly headers: TraceHeaders
  /** Call once. */
  end(outcome: SpanOutcome): void
}

export interface Tracing {
  /** `parent`: the client's trace headers; its sampling decision is kept. `from` as in `SpanEvent`. */
  begin(name: string, from: number, parent?: TraceHeaders): RequestSpan
  /** Exports the remaining spans, within a time limit. Never rejects. */
  close(timeoutMillis: number): Promise<void>
}

export interface TracingOptions {
  /** Base address of a collector; defaults to `OTEL_EXPORTER_OTLP_ENDPOINT` and related variables. */
  readonly endpoint?: string | undefined
  /** 0 to 1: the sampling ratio for requests without a client's decision. */
  readonly ratio?: number
  readonly serviceVersion?: string
  readonly logger: Logger
  /** Batching delay. */
  readonly delayMillis?: number
  /** Export timeout. */
  readonly timeoutMillis?: number
  /** Maximum queued spans; more are dropped. */
  readonly maxQueue?: number
}
