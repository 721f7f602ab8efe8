/** Opens tracing, if it is configured. OpenTelemetry's libraries are loaded only then (`otlp-tracing.ts`). */

import type { Tracing, TracingOptions } from './tracing.ts'

/** Undefined if no endpoint is configured, or tracing is disabled. */
export async function openTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { env } = process
  const endpoint =
    options.endpoint || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
  if (!endpoint || isOff) return undefined
  const { otlpTracing } = await loadOtlp()
  return otlpTracing(options)
}

/** By path: within the bundle, the libraries would be read at every start. */
function loadOtlp(): Promise<typeof import('./otlp-tracing.ts')> {
  const file = import.meta.url.endsWith('.ts') ? './otlp-tracing.ts' : './otlp-tracing.js'
  return import(new URL(file, import.meta.url).href)
}
