/**
 * Parses and formats the W3C Trace Context headers `traceparent` and `tracestate`. Invalid values are ignored, as the standard
 * requires.
 */

export interface TraceParent {
  /** 32 and 16 lowercase hexadecimal digits, neither all zero. */
  readonly traceId: string
  readonly spanId: string
  readonly isSampled: boolean
}

/** The headers that propagate a trace. */
export interface TraceHeaders {
  readonly traceparent: string
  readonly tracestate?: string
}

const longestTraceState = 512

/** Future versions may append fields after a dash; version ff is invalid. */
const format = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

export function parseTraceparent(header: unknown): TraceParent | undefined {
  if (typeof header !== 'string' || header.length > longestTraceState) return undefined
  const [, version, traceId, spanId, flags, more] = format.exec(header.trim()) ?? []
  if (version === undefined || (version === '00' && more !== undefined)) return undefined
  return { traceId: traceId!, spanId: spanId!, isSampled: (Number.parseInt(flags!, 16) & 1) === 1 }
}

export function formatTraceparent({ traceId, spanId, isSampled }: TraceParent): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}

/** The client's headers, to be forwarded unchanged. Without `traceparent`, `tracestate` is dropped. */
export function traceHeadersOf(headers: Readonly<Record<string, unknown>>): TraceHeaders | undefined {
  const parent = parseTraceparent(headers.traceparent)
  if (parent === undefined) return undefined
  const tracestate = traceState(headers.tracestate)
  return { traceparent: formatTraceparent(parent), ...(tracestate !== undefined && { tracestate }) }
}

/** Printable, and within the length that everyone must propagate. */
function traceState(header: unknown): string | undefined {
  if (typeof header !== 'string' || header.length > longestTraceState) return undefined
  return /^[\x20-\x7e]+$/.test(header) ? header : undefined
}
