/** Every response returns the client's request id, or a generated one. */

import { type AddressInfo, connect } from 'node:net'
import { createFakeEngine } from '@hadal/engine'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createServer, type ServerOptions } from '../create-server.ts'

function serve(options: Partial<ServerOptions> = {}) {
  const server = createServer({ engines: [createFakeEngine({ reply: 'abc' })], ...options })
  onTestFinished(() => server.close())
  return server
}
const chat = { messages: [{ role: 'user', content: 'hi' }] }
const requested: readonly [path: string, body: object][] = [
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, stream: true }],
  ['/beta/chat/completions', chat],
  ['/v1/completions', { prompt: 'hi', stream: true }],
  ['/completion', { prompt: 'hi' }],
  ['/completion', { prompt: 'hi', stream: true }],
  ['/v1/messages', { ...chat, max_tokens: 9 }],
  ['/v1/messages', { ...chat, max_tokens: 9, stream: true }],
  ['/v1/responses', { input: 'hi' }],
  ['/v1/responses', { input: 'hi', stream: true }],
  ['/v1/embeddings', { input: 'hi' }],
  ['/v1/rerank', { query: 'a', documents: ['a'] }],
  ['/tokenize', { content: 'hi' }],
]

describe('the id of a request', () => {
  it.each(requested)('comes back from POST %s %j', async (url, payload) => {
    const server = serve()
    const given = await server.inject({ method: 'POST', url, payload, headers: { 'x-request-id': 'mine/1' } })
    expect(given.statusCode).toBe(200)
    expect(given.headers).toMatchObject({ 'x-request-id': 'mine/1', 'request-id': 'mine/1' })
    const made = await server.inject({ method: 'POST', url, payload })
    expect(made.headers['x-request-id']).toMatch(/^req-[0-9a-f-]{36}$/)
    const broken = await server.inject({ method: 'POST', url, payload: { stop: 7, input: {}, content: {} } })
    expect([400, 422]).toContain(broken.statusCode)
    expect(broken.headers['x-request-id']).toMatch(/^req-/)
  })

  it('comes back with what was refused before it was read', async () => {
    const server = serve({ apiKeys: ['k'] })
    const headers = { 'x-request-id': 'mine', 'content-type': 'application/json' }
    for (const [url, payload, status] of [
      ['/v1/chat/completions', '{}', 401],
      ['/nowhere', '{}', 401],
    ] as const) {
      const answer = await server.inject({ method: 'POST', url, payload, headers })
      expect([url, answer.statusCode]).toEqual([url, status])
      expect(answer.headers, url).toMatchObject({ 'x-request-id': 'mine', 'request-id': 'mine' })
    }
    const known = { ...headers, authorization: 'Bearer k' }
    for (const [url, payload, status] of [
      ['/v1/chat/completions', '{', 400],
      ['/nowhere', '{}', 404],
      ['/%ff', '{}', 400],
    ] as const) {
      const answer = await server.inject({ method: 'POST', url, payload, headers: known })
      expect([url, answer.statusCode]).toEqual([url, status])
      expect(answer.headers, url).toMatchObject({ 'x-request-id': 'mine' })
    }
  })

  it('is one of ours where the client’s could do harm', async () => {
    const server = serve()
    const { url } = await server.listen()
    for (const id of ['', 'x'.repeat(129), 'a b', 'a"b', '<script>']) {
      const answer = await fetch(`${url}/v1/models`, { headers: { 'x-request-id': id } })
      expect(answer.headers.get('x-request-id'), id).toMatch(/^req-/)
    }
    const { port } = new URL(url) as unknown as AddressInfo
    const socket = connect(Number(port))
    socket.write(
      'GET /v1/models HTTP/1.1\r\nhost: localhost\r\nx-request-id: a\r\nx-request-id: b\r\nconnection: close\r\n\r\n',
    )
    let text = ''
    for await (const piece of socket) text += piece
    expect(text).toMatch(/x-request-id: req-/)
  })
})
