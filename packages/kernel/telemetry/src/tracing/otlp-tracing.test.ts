import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogger, type Logger } from '@hadal/base'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from '../../../base/test/eventually.ts'
import { openTracing } from './open-tracing.ts'
import { tracesUrl } from './otlp-tracing.ts'
import type { Tracing, TracingOptions } from './tracing.ts'

interface WireSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { key: string; value: Record<string, unknown> }[]
  readonly events: { name: string; timeUnixNano: string }[]
  readonly status: { code?: number }
  readonly traceState?: string
}
type Answer = (response: ServerResponse) => void
const ok: Answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')

/** A collector that records the requests it receives; its response can be changed. */
async function collector(answer: Answer = ok) {
  const got: { headers: IncomingMessage['headers']; path: string; spans: WireSpan[]; resource: string }[] = []
  const state = { answer }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const { resourceSpans } = JSON.parse(Buffer.concat(parts).toString())
      const spans = resourceSpans.flatMap((each: { scopeSpans: { spans: WireSpan[] }[] }) =>
        each.scopeSpans.flatMap((scope) => scope.spans),
      )
      const resource = JSON.stringify(resourceSpans[0].resource)
      got.push({ headers: request.headers, path: request.url!, spans, resource })
      state.answer(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = (): void => {
    server.closeAllConnections()
    server.close()
  }
  onTestFinished(stop)
  const { port } = server.address() as AddressInfo
  return { got, state, stop, url: `http://127.0.0.1:${port}` }
}

function recording(): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  return { lines, logger: createLogger((level, message) => void lines.push(`${level} ${message}`)) }
}

async function open(options: Partial<TracingOptions> = {}): Promise<Tracing> {
  const { logger } = recording()
  const tracing = await openTracing({ logger, delayMillis: 10, timeoutMillis: 500, ...options })
  if (tracing === undefined) throw new Error('tracing is off')
  onTestFinished(() => tracing.close(0))
  return tracing
}

const parts = [
  {
    name: 'prefill',
    from: 1_010,
    to: 1_030,
    events: [{ name: 'chunk', at: 1_020, attributes: { tokens: 8 } }],
  },
]
const one = (tracing: Tracing, error?: string): void =>
  tracing.begin('POST /', 1_000).end({
    name: 'chat nano',
    to: 1_100,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.response.finish_reasons': ['stop'],
      left: undefined,
    },
    parts,
    hasFailed: error !== undefined,
    ...(error !== undefined && { error }),
  })

afterEach(() => vi.unstubAllEnvs())

describe('tracing over OTLP', () => {
  it('is off unless an endpoint is set', async () => {
    const { logger } = recording()
    expect(await openTracing({ logger })).toBeUndefined()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://127.0.0.1:1')
    vi.stubEnv('OTEL_SDK_DISABLED', 'true')
    expect(await openTracing({ logger })).toBeUndefined()
    vi.stubEnv('OTEL_SDK_DISABLED', '')
    const tracing = await openTracing({ logger })
    expect(tracing).toBeDefined()
    await tracing!.close(0)
  })

  it('appends the path of traces once', () => {
    expect(tracesUrl('http://a:4318')).toBe('http://a:4318/v1/traces')
    expect(tracesUrl('http://a:4318/otlp//')).toBe('http://a:4318/otlp/v1/traces')
    expect(tracesUrl('http://a/v1/traces/')).toBe('http://a/v1/traces')
  })

  it('exports a request with its parts, and what the environment says of the service', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'gateway-east')
    vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'deployment.environment.name=test')
    vi.stubEnv('OTEL_EXPORTER_OTLP_HEADERS', 'x-tenant=blue')
    const { url, got } = await collector()
    const tracing = await open({ endpoint: url, serviceVersion: '1.2.3' })
    one(tracing)
    one(tracing, 'queue_full')
    await eventually(() => expect(got.flatMap(({ spans }) => spans)).toHaveLength(4))
    const { headers, path, resource } = got[0]!
    expect(path).toBe('/v1/traces')
    expect(headers['x-tenant']).toBe('blue')
    expect(resource).toContain('gateway-east')
    expect(resource).toContain('deployment.environment.name')
    expect(resource).toContain('1.2.3')
    const spans = got.flatMap((each) => each.spans)
    const [request, failed] = spans.filter(({ name }) => name === 'chat nano')
    const prefill = spans.find(({ parentSpanId }) => parentSpanId === request!.spanId)!
    expect(request).toMatchObject({
      kind: 2,
      startTimeUnixNano: '1000000000',
      endTimeUnixNano: '1100000000',
      attributes: [
        { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
        {
          key: 'gen_ai.response.finish_reasons',
          value: { arrayValue: { values: [{ stringValue: 'stop' }] } },
        },
      ],
    })
    expect(prefill).toMatchObject({ name: 'prefill', traceId: request!.traceId })
    expect(prefill.events).toMatchObject([{ name: 'chunk', timeUnixNano: '1020000000' }])
    expect(failed!.status.code).toBe(2)
    expect(failed!.attributes).toContainEqual({ key: 'error.type', value: { stringValue: 'queue_full' } })
  })

  it('goes to where the environment says, when the settings do not', async () => {
    const { url, got } = await collector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', `${url}/otlp`)
    one(await open())
    await eventually(() => expect(got[0]?.path).toBe('/otlp/v1/traces'))
  })

  it('goes on with the trace of a client, and keeps its decision', async () => {
    const { url, got } = await collector()
    const tracing = await open({ endpoint: url, ratio: 0 })
    const traceId = '0af7651916cd43dd8448eb211c80319c'
    const from = (flags: string) => ({
      traceparent: `00-${traceId}-b7ad6b7169203331-${flags}`,
      tracestate: 'rojo=1',
    })
    const outcome = { name: 'chat nano', to: 2, attributes: {}, parts: [], hasFailed: false }
    const requested = tracing.begin('x', 1, from('01'))
    expect(requested.headers.traceparent).toMatch(
      new RegExp(`^00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01$`),
    )
    expect(requested.headers.tracestate).toBe('rojo=1')
    const unasked = tracing.begin('x', 1, from('00'))
    expect(unasked.headers.traceparent).toMatch(/-00$/)
    const own = tracing.begin('x', 1)
    expect([requested, unasked, own].map(({ isRecorded }) => isRecorded)).toEqual([true, false, false])
    for (const span of [requested, unasked, own]) span.end(outcome)
    await tracing.close(1_000)
    expect(got.flatMap(({ spans }) => spans)).toMatchObject([
      { traceId, parentSpanId: 'b7ad6b7169203331', traceState: 'rojo=1' },
    ])
  })

  it('records about the configured share of spans', async () => {
    const tracing = await open({ endpoint: 'http://127.0.0.1:1', ratio: 0.25 })
    const recorded = Array.from({ length: 2_000 }, () => tracing.begin('x', 1).isRecorded).filter(Boolean)
    expect(recorded.length).toBeGreaterThan(350)
    expect(recorded.length).toBeLessThan(650)
  })

  it.each<[string, Answer]>([
    ['says 500', (response) => response.writeHead(500).end()],
    ['hangs up', (response) => response.destroy()],
    ['never answers', () => {}],
  ])('survives a collector that %s, and says so once', async (_, answer) => {
    const { url, got, state } = await collector(answer)
    const { logger, lines } = recording()
    const tracing = await open({ endpoint: url, logger, timeoutMillis: 50 })
    one(tracing)
    await eventually(() => expect(got.length).toBeGreaterThan(0))
    one(tracing)
    await eventually(() => expect(lines).toEqual(['warn traces cannot be exported and are dropped']))
    state.answer = ok
    await eventually(() => {
      one(tracing)
      expect(lines).toContain('info traces are exported again')
    })
  })

  it('drops what waits too long, and closes in time', async () => {
    const { url, got } = await collector(() => {})
    const { logger, lines } = recording()
    const tracing = await open({ endpoint: url, logger, maxQueue: 8, timeoutMillis: 60_000 })
    for (let at = 0; at < 2_000; at++) one(tracing)
    await eventually(() => expect(got).not.toEqual([]))
    await tracing.close(100)
    const sent = got.flatMap(({ spans }) => spans).length
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThanOrEqual(16)
    expect(lines).toEqual([])
  })

  it('survives a collector that is gone', async () => {
    const gone = await collector()
    gone.stop()
    const { logger, lines } = recording()
    const tracing = await open({ endpoint: gone.url, logger })
    one(tracing)
    await eventually(() => expect(lines).toEqual(['warn traces cannot be exported and are dropped']))
  })
})
