import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { type Clock, createLogger, ManualClock, systemClock } from '@hadal/base'
import { createFakeEngine, type FakeEngineOptions } from '@hadal/engine'
import { createTelemetry, type SpanOutcome, type TraceHeaders, type Tracing } from '@hadal/telemetry'
import Fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../kernel/base/test/eventually.ts'
import { errorAnswer } from '../answer/error-answer.ts'
import { invalidRequest } from '../errors.ts'
import type { Generation } from '../generation.ts'
import { runOnEngine } from '../run-on-engine.ts'
import { liveFeedRoute } from './live-feed.ts'
import { type ObservabilityOptions, observability, outgoingTrace, timelineComment } from './observability.ts'
import { RequestRecord } from './request-record.ts'
import { TimelineFeed } from './timeline-feed.ts'

interface Options extends Partial<ObservabilityOptions> {
  readonly engine?: FakeEngineOptions
  readonly clock?: Clock
}

/** An app with one generation route, and everything recorded about it. */
function app({ engine: engineOptions, ...options }: Options = {}) {
  const engine = createFakeEngine({ reply: 'abc', ...engineOptions })
  const lines: { message: string; fields: Record<string, unknown> }[] = []
  const json: Record<string, unknown>[] = []
  const logger = createLogger((_, message, fields) => void lines.push({ message, fields }), 'debug')
  const observed = observability({
    logger,
    clock: systemClock,
    writeAccessLine: (line) => void json.push(JSON.parse(line)),
    ...options,
  })
  const server: FastifyInstance = Fastify({
    genReqId: (request) => String(request.headers['x-request-id'] ?? 'r'),
  })
  observed.attach(server)
  observed.routes(server)
  const generate = runOnEngine(createTelemetry())
  server.setErrorHandler((error, _, reply) => {
    const { status, body } = errorAnswer(error as never)
    return reply.code(status).send(body)
  })
  server.get('/health', async () => 'ok')
  server.post('/v1/chat/completions', async (request, reply) => {
    const { prompt, stream, n = 1 } = request.body as { prompt?: string; stream?: boolean; n?: number }
    if (prompt === undefined) throw invalidRequest([{ param: 'prompt', message: 'is missing' }])
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort(new Error('gone')))
    const generation: Generation = {
      id: `chatcmpl-${request.id}`,
      engine,
      texts: [{ role: 'user', text: prompt }],
      prompts: [prompt],
      n,
      sequence: { sampling: { temperature: 0.5, seed: 7 }, stop: [], maxTokens: 9 },
      spelling: { prompt: 'prompt', maxTokens: 'max_tokens', topLogprobs: 'logprobs' },
      ...(request.record && { record: request.record }),
    }
    const texts: string[] = []
    for await (const event of generate(generation, gone.signal))
      if (event.type === 'delta') texts.push(event.text)
    if (stream !== true) return { text: texts.join(''), trace: outgoingTrace(request) }
    reply.hijack()
    reply.raw.end(`data: {}\n\n${timelineComment(reply)}data: [DONE]\n\n`)
    return undefined
  })
  onTestFinished(() => server.close())
  const ask = (payload: object, headers: Record<string, string> = {}) =>
    server.inject({ method: 'POST', url: '/v1/chat/completions?key=secret', payload, headers })
  return { server, engine, lines, json, ask }
}

function recordOf(model: string): RequestRecord {
  const record = new RequestRecord({
    clock: systemClock,
    id: 'a',
    method: 'POST',
    route: '/',
    path: '/',
    arrivedAt: 0,
    arrivedWall: 0,
    wantsTimeline: false,
    isFollowed: false,
    keepsTexts: false,
    span: undefined,
    trace: undefined,
  })
  record.asks({ operation: 'chat', model })
  return record
}

const key = { authorization: 'Bearer a-very-secret-key' }

describe('the access log', () => {
  it('has a line of text for each request, without what it said', async () => {
    const { ask, lines } = app()
    await ask({ prompt: 'a private question', n: 2 }, { 'x-request-id': 'mine', ...key })
    await ask({})
    await eventually(() => expect(lines).toHaveLength(2))
    const [{ message, fields }] = lines as [(typeof lines)[number]]
    expect(message).toBe('POST /v1/chat/completions')
    expect(fields).toMatchObject({
      status: 200,
      requestId: 'mine',
      model: 'fake',
      promptTokens: 18,
      cachedTokens: 0,
      completionTokens: 6,
      finishReason: 'stop',
    })
    expect(fields.client).toMatch(/^[\w-]{12}$/)
    expect(lines[1]!.fields).toMatchObject({ status: 400, error: 'invalid_request' })
    expect(JSON.stringify(lines)).not.toMatch(/private|secret/)
  })

  it('is JSON where that is wanted, one object a line, and says nothing of probes', async () => {
    const { server, ask, json, lines } = app({ accessLog: 'json' })
    await server.inject('/health')
    await ask({ prompt: 'a private question' }, { 'x-request-id': 'mine', ...key })
    await eventually(() => expect(json).toHaveLength(1))
    expect(json[0]).toMatchObject({
      level: 'info',
      msg: 'request',
      requestId: 'mine',
      method: 'POST',
      route: '/v1/chat/completions',
      path: '/v1/chat/completions',
      status: 200,
      model: 'fake',
      promptTokens: 18,
      completionTokens: 3,
      finishReason: 'stop',
    })
    expect(Date.parse(json[0]!.time as string)).not.toBeNaN()
    for (const name of ['millis', 'queueMillis', 'prefillMillis', 'decodeMillis', 'firstTokenMillis'])
      expect(json[0]![name]).toEqual(expect.any(Number))
    expect(JSON.stringify(json)).not.toMatch(/private|secret/)
    expect(lines).toEqual([])
  })

  it('has prompts only when enabled, and truncates long ones', async () => {
    const { ask, json } = app({ accessLog: 'json', logPrompts: true, engine: { contextLength: 100_000 } })
    await ask({ prompt: 'p'.repeat(50_000) }, key)
    await eventually(() => expect(json).toHaveLength(1))
    const [{ role, text }] = json[0]!.prompt as [{ role: string; text: string }]
    expect(role).toBe('user')
    expect(text).toBe(`${'p'.repeat(32_768)}…`)
    expect(JSON.stringify(json)).not.toContain('secret')
  })

  it('can be off', async () => {
    const { ask, json, lines } = app({ accessLog: 'off' })
    await ask({ prompt: 'hi' })
    expect([...json, ...lines]).toEqual([])
  })

  it('says 499 of a client that left, and how far its answer was', async () => {
    const { server, engine, lines } = app({ engine: { reply: 'x'.repeat(9), tokenMillis: 5 } })
    await server.listen()
    const socket = connect((server.server.address() as AddressInfo).port)
    const body = JSON.stringify({ prompt: 'hello' })
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    )
    await eventually(() => expect(engine.seen[0]?.tokens).toBeGreaterThan(0))
    socket.destroy()
    await eventually(() => expect(lines[0]?.fields).toMatchObject({ status: 499, model: 'fake' }))
  })
})

describe('the timeline of a request', () => {
  it('is in a response header when the client requests it', async () => {
    const { ask, engine } = app()
    expect((await ask({ prompt: 'hello' })).headers).not.toHaveProperty('x-hadal-timeline')
    expect(engine.seen[0]!.request.reportsProgress).toBeUndefined()
    const { headers } = await ask({ prompt: 'hello' }, { 'x-hadal-timeline': '1' })
    const timeline = JSON.parse(headers['x-hadal-timeline'] as string)
    expect(timeline).toMatchObject({
      id: 'r',
      model: 'fake',
      route: '/v1/chat/completions',
      sequences: [
        {
          promptTokens: 5,
          cachedTokens: 0,
          completionTokens: 3,
          finishReason: 'stop',
          chunks: [[expect.any(Number), 5]],
          steps: { count: 4, meanRunning: 1, mostRunning: 1 },
        },
      ],
    })
    for (const name of ['queueMillis', 'prefillMillis', 'decodeMillis', 'firstTokenMillis'])
      expect(timeline.sequences[0][name]).toEqual(expect.any(Number))
  })

  it('is a comment before the end of a stream', async () => {
    const { ask } = app()
    expect((await ask({ prompt: 'hello', stream: true })).body).not.toContain('timeline')
    const { body } = await ask({ prompt: 'hello', stream: true }, { 'x-hadal-timeline': '1' })
    const [, text] = /\n\n: x-hadal-timeline (.*)\n\ndata: \[DONE\]\n\n$/.exec(body)!
    expect(JSON.parse(text!).sequences[0].completionTokens).toBe(3)
  })

  it('counts those who shared its steps', async () => {
    const { ask } = app({ engine: { tokenMillis: 2 } })
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((id) => ask({ prompt: 'hello' }, { 'x-hadal-timeline': '1', 'x-request-id': id })),
    )
    for (const { headers } of answers)
      expect(JSON.parse(headers['x-hadal-timeline'] as string).sequences[0].steps.mostRunning).toBe(3)
  })
})

describe('GET /hadal/timeline', () => {
  it('lists the latest requests, each with its batch mates', async () => {
    const { server, ask } = app({ engine: { tokenMillis: 2 } })
    await Promise.all(['a', 'b'].map((id) => ask({ prompt: 'hi' }, { 'x-request-id': id, ...key })))
    await ask({}, { 'x-request-id': 'bad' })
    await server.inject('/health')
    const { requests } = (await server.inject('/hadal/timeline')).json()
    expect(requests).toMatchObject([
      { status: 200, model: 'fake', client: expect.any(String), mates: { count: 1 } },
      { status: 200, mates: { count: 1 } },
    ])
    expect(requests.map((each: { id: string }) => each.id).sort()).toEqual(['a', 'b'])
    expect(requests.flatMap((each: { mates: { ids: string[] } }) => each.mates.ids).sort()).toEqual([
      'a',
      'b',
    ])
    expect((await server.inject('/hadal/timeline?recent=1')).json().requests).toHaveLength(1)
    expect((await server.inject('/hadal/timeline?recent=many')).statusCode).toBe(400)
  })

  it('remembers a bounded number', async () => {
    const { server, ask } = app()
    for (let at = 0; at < 300; at++) await ask({ prompt: 'x' }, { 'x-request-id': `q${at}` })
    const { requests } = (await server.inject('/hadal/timeline')).json()
    expect(requests).toHaveLength(256)
    expect(requests.at(-1).id).toBe('q299')
  })

  it('streams starts and ends of requests as events', async () => {
    const { server, ask } = app()
    await ask({ prompt: 'before' }, { 'x-request-id': 'before' })
    const url = await server.listen()
    const headers = { accept: 'text/event-stream' }
    const reader = await fetch(`${url}/hadal/timeline?recent=9`, { headers })
    expect(reader.headers.get('content-type')).toContain('text/event-stream')
    await ask({ prompt: 'now' }, { 'x-request-id': 'now' })
    let text = ''
    const decoder = new TextDecoder()
    for await (const piece of reader.body!) {
      text += decoder.decode(piece as Uint8Array, { stream: true })
      if (/event: ended\ndata: \{"id":"now".*\n\n/.test(text)) break
    }
    expect(text.match(/event: \w+\ndata: \{"id":"\w+"/g)).toEqual([
      'event: ended\ndata: {"id":"before"',
      'event: began\ndata: {"id":"now"',
      'event: ended\ndata: {"id":"now"',
    ])
    // Requests that started before the watcher have none.
    expect(text.match(/"chunks"/g)).toHaveLength(1)
  })

  it('drops a reader that does not read, and no other', async () => {
    const feed = new TimelineFeed(4)
    const server = Fastify({ forceCloseConnections: true })
    onTestFinished(() => server.close())
    liveFeedRoute(server, feed, systemClock)
    const url = await server.listen()
    const idle = connect((server.server.address() as AddressInfo).port)
    idle.on('error', () => {})
    idle.pause()
    idle.write('GET /hadal/timeline HTTP/1.1\r\nhost: a\r\naccept: text/event-stream\r\n\r\n')
    await eventually(() => expect(feed.watchers).toBe(1))
    const reader = await fetch(`${url}/hadal/timeline`, { headers: { accept: 'text/event-stream' } })
    const reading = reader.body!.pipeTo(new WritableStream())
    let hasLeft = false
    const left = (): void => {
      hasLeft = true
    }
    reading.then(left, left)
    const model = 'x'.repeat(100_000)
    await eventually(async () => {
      feed.began(recordOf(model))
      await new Promise(setImmediate)
      expect(feed.watchers).toBe(1)
    })
    for (let at = 0; at < 50; at++) {
      feed.began(recordOf(model))
      await new Promise(setImmediate)
    }
    expect(feed.watchers).toBe(1)
    expect(hasLeft).toBe(false)
  })

  it('accepts up to 16 readers', async () => {
    const { server } = app()
    const url = await server.listen()
    const leaving = new AbortController()
    onTestFinished(() => leaving.abort())
    const { signal } = leaving
    const open = () => fetch(`${url}/hadal/timeline`, { headers: { accept: 'text/event-stream' }, signal })
    const readers = await Promise.all(Array.from({ length: 16 }, open))
    expect(readers.every(({ status }) => status === 200)).toBe(true)
    const refused = await open()
    expect(refused.status).toBe(503)
    expect(await refused.json()).toMatchObject({ error: { code: 'feed_full' } })
    expect((await fetch(`${url}/hadal/timeline`)).status).toBe(200)
  })
})

describe('the span of a request', () => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  function tracing() {
    const spans: (SpanOutcome & { readonly from: number; readonly parent: TraceHeaders | undefined })[] = []
    const fake: Tracing = {
      begin: (_, from, parent) => ({
        isRecorded: true,
        headers: { traceparent: traceparent.replace('b7ad', 'ffff') },
        end: (outcome) => void spans.push({ ...outcome, from, parent }),
      }),
      close: async () => {},
    }
    return { spans, fake }
  }
  const partNames = ({ parts }: SpanOutcome): string[] => parts.map(({ name }) => name)

  it('says in the words of the conventions what was asked and what came of it', async () => {
    const { spans, fake } = tracing()
    const { ask } = app({ tracing: fake })
    const { body } = await ask({ model: 'gpt', prompt: 'hello', n: 2 }, { traceparent, tracestate: 'a=b' })
    expect(JSON.parse(body).trace).toEqual({ traceparent: traceparent.replace('b7ad', 'ffff') })
    await eventually(() => expect(spans).toHaveLength(1))
    const [span] = spans as [(typeof spans)[number]]
    expect(span.parent).toEqual({ traceparent, tracestate: 'a=b' })
    expect(span.name).toBe('chat fake')
    expect(span.attributes).toMatchObject({
      'http.request.method': 'POST',
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt',
      'gen_ai.response.model': 'fake',
      'gen_ai.response.id': 'chatcmpl-r',
      'gen_ai.request.choice.count': 2,
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.seed': 7,
      'gen_ai.request.max_tokens': 9,
      'gen_ai.usage.input_tokens': 5,
      'gen_ai.usage.output_tokens': 6,
      'gen_ai.usage.cache_read.input_tokens': 0,
      'gen_ai.response.finish_reasons': ['stop'],
    })
    expect(partNames(span)).toEqual(['queue', 'prefill', 'decode', 'queue', 'prefill', 'decode'])
    expect(span.parts[1]!.events).toMatchObject([{ name: 'chunk', attributes: { 'hadal.chunk.tokens': 5 } }])
    for (const { from, to } of span.parts) {
      expect(from).toBeGreaterThanOrEqual(span.from - 1)
      expect(to).toBeGreaterThanOrEqual(from)
      expect(to).toBeLessThanOrEqual(span.to + 1)
    }
    expect(span).not.toHaveProperty('error')
    expect(JSON.stringify(span)).not.toContain('hello')
  })

  it('has the prompt only when enabled', async () => {
    const { spans, fake } = tracing()
    await app({ tracing: fake, logPrompts: true }).ask({ prompt: 'hello' })
    await eventually(() => expect(spans).toHaveLength(1))
    expect(JSON.parse(spans[0]!.attributes['gen_ai.input.messages'] as string)).toEqual([
      { role: 'user', parts: [{ type: 'text', content: 'hello' }] },
    ])
  })

  it('says which error it ended in, and nothing of a probe', async () => {
    const { spans, fake } = tracing()
    const { server, ask } = app({ tracing: fake, engine: { contextLength: 4 } })
    await server.inject('/health')
    await ask({ prompt: 'hello' })
    await ask({})
    await eventually(() => expect(spans).toHaveLength(2))
    expect(spans.map(({ name, error, hasFailed }) => [name, error, hasFailed])).toEqual([
      ['chat fake', 'context_length_exceeded', false],
      ['POST /v1/chat/completions', 'invalid_request', false],
    ])
    expect(partNames(spans[0]!)).toEqual(['queue'])
  })

  it('passes a client’s trace on where nothing is traced here', async () => {
    const { ask } = app()
    const { body } = await ask({ prompt: 'hello' }, { traceparent, tracestate: 'a=b' })
    expect(JSON.parse(body).trace).toEqual({ traceparent, tracestate: 'a=b' })
    expect(JSON.parse((await ask({ prompt: 'hello' })).body).trace).toBeUndefined()
  })
})

it('is not put out by a wall clock that jumps', async () => {
  const clock = new ManualClock(1_000)
  const jumping: Clock = {
    ...systemClock,
    now: () => clock.now(),
    wallClock: () => (clock.now() > 1_000 ? 0 : 9e12),
  }
  const { ask, lines } = app({ clock: jumping })
  const requested = ask({ prompt: 'hi' })
  clock.advance(5)
  await requested
  await eventually(() => expect(lines).toHaveLength(1))
  expect(lines[0]!.fields.millis).toBeGreaterThanOrEqual(0)
})
