/** Generations with slow, stalled or disconnected readers, and readers of a failed engine. */

import { once } from 'node:events'
import { connect } from 'node:net'
import { ManualClock } from '@hadal/base'
import { SseDecoder } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { chat, eventually, metric, openStream, serve, user } from './serving.ts'

const streamed = { ...user('hi'), stream: true }
const errors = (code: string): string => `hadal_errors_total{code="${code}"}`

describe('a client that leaves', () => {
  // The engine's clock is stopped, so any token generated after the disconnect would show.
  for (const [how, body] of [
    ['while it streams', streamed],
    ['while it waits for the whole answer', user('hi')],
  ] as const)
    it(`${how} costs no further step`, async () => {
      const clock = new ManualClock()
      const { server, engine, telemetry } = serve({ reply: 'abcdef', clock, tokenMillis: 10 })
      const { url } = await server.listen()
      const socket = await openStream(url, body)
      await eventually(() => expect(engine.seen).toHaveLength(1))
      clock.advance(10)
      await eventually(() => expect(engine.seen[0]!.tokens).toBe(1))
      socket.destroy()
      await eventually(() => expect(engine.snapshot().running).toBe(0))
      expect(engine.seen[0]!.tokens).toBe(1)
      await eventually(async () => expect(await metric(telemetry, errors('client_gone'))).toBe(1))
      const aborted = 'vllm:request_success_total{model_name="fake",finished_reason="abort"}'
      expect(await metric(telemetry, aborted)).toBe(1)
    })

  it('in the middle of its own request causes no server error', async () => {
    const { server, telemetry } = serve()
    const { url } = await server.listen()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(
      'POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\nexpect: 100-continue\r\n\r\n{',
    )
    // The server has read the headers.
    await once(socket, 'data')
    socket.destroy()
    await eventually(async () => expect(await metric(telemetry, errors('client_gone'))).toBe(1))
    expect(await metric(telemetry, errors('internal_error'))).toBe(0)
  })

  it('while it is queued leaves the queue', async () => {
    const { server, engine } = serve({ clock: new ManualClock(), tokenMillis: 10, maxBatchSize: 1 })
    const { url } = await server.listen()
    const running = await openStream(url, streamed)
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    const queued = await openStream(url, streamed)
    await eventually(() => expect(engine.snapshot().waiting).toBe(1))
    queued.destroy()
    await eventually(() => expect(engine.snapshot().waiting).toBe(0))
    expect(engine.snapshot().running).toBe(1)
    running.destroy()
  })

  it('takes all its choices along', async () => {
    const { server, engine } = serve({ clock: new ManualClock(), tokenMillis: 10 })
    const { url } = await server.listen()
    const socket = await openStream(url, { ...streamed, n: 4 })
    await eventually(() => expect(engine.snapshot().running).toBe(4))
    socket.destroy()
    await eventually(() => expect(engine.snapshot().running).toBe(0))
  })
})

describe('a slow reader', () => {
  const long = 400_000

  it('holds the generation back instead of filling memory, and is given up when it stalls', async () => {
    const { server, engine, telemetry } = serve(
      { reply: 'x'.repeat(long), contextLength: 2 * long },
      { limits: { stallTimeoutMillis: 500 } },
    )
    const { url } = await server.listen()
    const socket = await openStream(url, streamed)
    await eventually(async () => expect(await metric(telemetry, errors('reader_stalled'))).toBe(1))
    expect(engine.snapshot().running).toBe(0)
    expect(engine.seen[0]!.tokens).toBeLessThan(long)
    socket.resume()
    await once(socket, 'close')
  })

  it('gets everything when it only pauses', async () => {
    const text = 'x'.repeat(40_000)
    const { server } = serve({ reply: text, contextLength: 2 * text.length })
    const { url } = await server.listen()
    const socket = await openStream(url, streamed)
    await new Promise((resolve) => setTimeout(resolve, 300))
    const wire = Buffer.concat(await socket.toArray()).toString()
    expect(wire.match(/"content":"x"/g)).toHaveLength(text.length)
    expect(wire).toContain('data: [DONE]')
  })
})

describe('an engine that dies', () => {
  it('before the first token is an HTTP 503 with Retry-After', async () => {
    const { server, engine } = serve({ clock: new ManualClock(), tokenMillis: 10 })
    const answers = [chat(server, user('hi')), chat(server, streamed)]
    await eventually(() => expect(engine.snapshot().running).toBe(2))
    engine.crash()
    for (const { status, headers, body } of await Promise.all(answers)) {
      expect(status).toBe(503)
      expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
      expect(JSON.parse(body).error.code).toBe('engine_crashed')
    }
  })

  it('after the first token is the last event of the stream', async () => {
    const clock = new ManualClock()
    const { server, engine } = serve({ reply: 'abc', clock, tokenMillis: 10 })
    const answer = chat(server, streamed)
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    clock.advance(10)
    await eventually(() => expect(engine.seen[0]!.tokens).toBe(1))
    engine.crash()
    const { status, body } = await answer
    expect(status).toBe(200)
    const events = new SseDecoder().push(body).map(({ data }) => data)
    expect(events).not.toContain('[DONE]')
    expect(JSON.parse(events.at(-1)!).error).toMatchObject({ code: 'engine_crashed', type: 'server_error' })
  })

  it('lets the server live: the next request is answered', async () => {
    const { server, engine } = serve({ reply: 'ok' })
    engine.crash()
    expect((await server.inject('/ready')).statusCode).toBe(503)
    await eventually(async () => expect((await server.inject('/ready')).statusCode).toBe(200))
    expect((await chat(server, user('hi'))).json().choices[0]!.message.content).toBe('ok')
  })
})
