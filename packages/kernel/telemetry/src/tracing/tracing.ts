/**
 * Spans of requests, for a collector of OpenTelemetry: what is asked of tracing, and whether anybody wants it. The
 * libraries are loaded only when somebody does (`otlp-tracing.ts`). Knows neither HTTP nor engines.
 */

import type { Logger } from '@hadal/base'
import type { TraceHeaders } from './trace-context.ts'

export type SpanAttribute = string | number | boolean | readonly string[]
/** Those that are undefined are left out. */
export type SpanAttributes = Readonly<Record<string, SpanAttribute | undefined>>

/** Times are milliseconds since 1970, with a fraction. */
export interface SpanEvent {
  readonly name: string
  readonly at: number
  readonly attributes?: SpanAttributes
}

/** A part of a request that is over. */
export interface SpanPart {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly attributes?: SpanAttributes
  readonly events?: readonly SpanEvent[]
}

/** What became of a request. */
export interface SpanOutcome {
  readonly name: string
  readonly to: number
  readonly attributes: SpanAttributes
  readonly parts: readonly SpanPart[]
  /** The code of the error that it ended in. */
  readonly error?: string
  /** That was not the client's doing. */
  readonly hasFailed: boolean
}

export interface RequestSpan {
  /** Whether it will be exported: others need no details. */
  readonly isRecorded: boolean
  /** For whoever is asked on behalf of this request. */
  readonly headers: TraceHeaders
  /** Once. */
  end(outcome: SpanOutcome): void
}

export interface Tracing {
  /** `parent`: the headers of a client that traces, too; its decision whether to record is kept. `from` as in `SpanEvent`. */
  begin(name: string, from: number, parent?: TraceHeaders): RequestSpan
  /** Sends what is left, within a bound. Never rejects. */
  close(timeoutMillis: number): Promise<void>
}

export interface TracingOptions {
  /** Base address of a collector; `OTEL_EXPORTER_OTLP_ENDPOINT` and its like where absent. */
  readonly endpoint?: string | undefined
  /** 0 to 1: the share of requests that are recorded, of those whose client has not decided that. */
  readonly ratio?: number
  readonly serviceVersion?: string
  readonly logger: Logger
  /** How long spans wait for others to be sent with. */
  readonly delayMillis?: number
  /** How long a collector has to answer. */
  readonly timeoutMillis?: number
  /** Spans that may wait; more are dropped. */
  readonly maxQueue?: number
}

/** Undefined where nobody has said where spans shall go, or somebody that they shall not. */
export async function openTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { env } = process
  const endpoint =
    options.endpoint || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
  if (!endpoint || isOff) return undefined
  const { otlpTracing } = await loadOtlp()
  return otlpTracing(options)
}

/** By its address: in the one file that a service starts from, the libraries would be read at every start. */
function loadOtlp(): Promise<typeof import('./otlp-tracing.ts')> {
  const file = import.meta.url.endsWith('.ts') ? './otlp-tracing.ts' : './otlp-tracing.js'
  return import(new URL(file, import.meta.url).href)
}
