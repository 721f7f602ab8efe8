/** Hostile or broken input and connections. After each, the server still responds normally. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { HadalServer } from '@hadal/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { reservedConnections } from '../src/http/connection-limits.ts'
import { chat, complete, eventually, metric, post, serve, user } from './serving.ts'

const answersStill = async (server: HadalServer): Promise<void> => {
  expect((await chat(server, user('hi'))).status).toBe(200)
}
const open = async (url: string): Promise<Socket> => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}
const readAll = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.setEncoding('utf8').on('data', (piece) => (text += piece))
  await once(socket, 'close')
  return text
}

describe('a hostile body', () => {
  it('gets every issue named, and the first as param', async () => {
    const { server, engine } = serve()
    const { status, body } = await chat(server, { messages: [], temperature: 'hot', n: 0 })
    expect(status).toBe(400)
    const { error } = JSON.parse(body)
    expect(error).toMatchObject({
      type: 'invalid_request_error',
      code: 'invalid_request',
      param: expect.any(String),
    })
    for (const part of [
      'messages must not be empty',
      'temperature must be a number, got "hot"',
      'n must be at least 1',
    ])
      expect(error.message).toContain(part)
    expect(engine.seen).toHaveLength(0)
  })

  it.each([
    ['empty objects', '{},', 'objects and fields'],
    ['arrays', '[],', 'arrays'],
    ['fields', '"a":1,', 'objects and fields'],
    ['numbers', '1,', 'values'],
  ])('full of %s is refused by its structure', async (_, piece, what) => {
    const { server, engine } = serve()
    const filler = piece.repeat(Math.floor(4_000_000 / piece.length))
    const body = piece.includes(':') ? `{${filler}"b":1}` : `{"messages":[${filler}1]}`
    const response = await server.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      payload: body,
    })
    expect(response.statusCode).toBe(400)
    expect(response.json().error).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(new RegExp(`the body must hold at most \\d+ ${what}`)),
    })
    expect(engine.seen).toHaveLength(0)
  })

  it('of 50 MB is refused, and the client that sends all of it first still gets the answer', async () => {
    const { server } = serve()
    const { url } = await server.listen()
    const body = `{"messages":[{"role":"user","content":"${'x'.repeat(50 * 1024 * 1024)}"}]}`
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { code: 'body_too_large' } })
    const chunked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit)
    expect(chunked.status).toBe(413)
    await chunked.text()
    await answersStill(server)
  })

  it('gets the first issue if it is large, and every item has one', async () => {
    const { server } = serve()
    const errorOf = async (fields: object) => JSON.parse((await chat(server, fields)).body).error.message
    expect(await errorOf({ messages: Array(20_000).fill(1) })).toMatch(
      /^messages\[0\] must be an object, got 1\. /,
    )
    expect(await errorOf({ messages: Array(20).fill(1) })).toContain('and 10 more')
    const biases = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`x${index}`, 1000]))
    expect(await errorOf({ ...user('hi'), logit_bias: biases })).toContain(
      'logit_bias must have at most 4096 entries',
    )
  })

  it('never causes a server error', async () => {
    const { server } = serve({ contextLength: 100 })
    const valid = {
      ...user('hi'),
      prompt: 'hi',
      n: 2,
      max_tokens: 2,
      logit_bias: { 5: 1 },
      stop: ['a'],
      logprobs: true,
      stream: false,
      stream_options: { include_usage: true },
    }
    const key = fc.oneof(fc.constantFrom(...Object.keys(valid), '__proto__', 'constructor'), fc.string())
    const change = fc.tuple(key, fc.jsonValue({ maxDepth: 2 }))
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(change, { maxLength: 3 }).map((changes) => ({ ...valid, ...Object.fromEntries(changes) })),
    )
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom('/v1/chat/completions', '/v1/completions'),
        async (value, path) => {
          const { status } = await post(server, path, value)
          expect(status).toBeLessThan(500)
        },
      ),
      { numRuns: runs(120, 400) },
    )
    await answersStill(server)
  })

  it('may be any bytes', async () => {
    const { server } = serve()
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 50 }), async (bytes) => {
        expect((await post(server, '/v1/completions', Buffer.from(bytes))).status).toBe(400)
      }),
      { numRuns: runs(60, 200) },
    )
  })

  it('with a lone surrogate is text with a replacement character', async () => {
    const { server } = serve()
    const { json } = await complete(server, '{"prompt":"a\\ud83db"}')
    expect(json().choices[0]!.text).toBe('a\ufffdb')
  })
})

describe('hostile connections', () => {
  it('that send nothing, a thousand of them, are shed while others are served', async () => {
    const { server } = serve({}, { limits: { headersTimeoutMillis: 3000, connectionsCheckMillis: 100 } })
    const { url } = await server.listen()
    const sockets = await Promise.all(Array.from({ length: 1000 }, () => open(url)))
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"prompt":"hi"}',
    })
    expect(response.status).toBe(200)
    const answers = await Promise.all(sockets.map(readAll))
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1.1 408 /)
    await answersStill(server)
  })

  it('beyond the limit are dropped and counted', async () => {
    const { server, telemetry } = serve({}, { limits: { maxConnections: 3 } })
    const { url } = await server.listen()
    const oldest = await open(url)
    for (let count = 1; count < 3 + reservedConnections; count++) await open(url)
    await open(url)
    expect(await readAll(oldest)).toBe('')
    await eventually(async () => expect(await metric(telemetry, 'hadal_connections_dropped_total')).toBe(1))
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })

  it('that trickle a request are shed', async () => {
    const { server } = serve({}, { limits: { requestTimeoutMillis: 400, connectionsCheckMillis: 50 } })
    const { url } = await server.listen()
    const socket = await open(url)
    socket.write(
      'POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    )
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 408 /)
    await answersStill(server)
  })

  it.each([
    ['two Host headers', 'GET /v1/models HTTP/1.1\r\nhost: localhost\r\nhost: localhost\r\n\r\n'],
    [
      'Transfer-Encoding in HTTP/1.0',
      'POST /v1/completions HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
    [
      'another Transfer-Encoding',
      'POST /v1/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    ],
  ])('with %s are refused and disconnected', async (_, request) => {
    const { server } = serve()
    const { url } = await server.listen()
    const socket = await open(url)
    socket.write(`${request}GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    const response = await readAll(socket)
    expect(response).toMatch(/^HTTP\/1.[01] 400 Bad Request\r\n/)
    expect(response).toContain('"malformed_http"')
    // What follows on the connection is not read as another request.
    expect(response.match(/^HTTP\/1/gm)).toHaveLength(1)
    await answersStill(server)
  })

  it('that speak something else get an answer in the usual shape', async () => {
    const { server } = serve()
    const { url } = await server.listen()
    const socket = await open(url)
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]))
    const answer = await readAll(socket)
    expect(answer).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!).error.code).toBe('malformed_http')
    await answersStill(server)
  })
})
