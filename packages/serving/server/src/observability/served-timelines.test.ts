/** Timelines of a whole server: every dialect returns them, and only administrators can read those of all requests. */

import { createFakeEngine, type FakeEngineOptions } from '@hadal/engine'
import { describe, expect, it, onTestFinished } from 'vitest'
import { eventually } from '../../../../kernel/base/test/eventually.ts'
import { createServer, type ServerOptions } from '../create-server.ts'
import { defaultLimits } from '../http/limits.ts'

function serve(options: Partial<ServerOptions> = {}, engine: FakeEngineOptions = {}) {
  const server = createServer({ engines: [createFakeEngine({ reply: 'abc', ...engine })], ...options })
  onTestFinished(() => server.close())
  return server
}
const chat = { messages: [{ role: 'user', content: 'hi' }] }
const wanting = { 'x-hadal-timeline': '1' }
const generating: readonly [path: string, body: object][] = [
  ['/v1/chat/completions', chat],
  ['/beta/chat/completions', chat],
  ['/v1/completions', { prompt: 'hi' }],
  ['/completion', { prompt: 'hi' }],
  ['/v1/messages', { ...chat, max_tokens: 9 }],
  ['/v1/responses', { input: 'hi' }],
]

describe('the timeline of a request', () => {
  it.each(generating)('comes with an answer of POST %s', async (url, body) => {
    const server = serve()
    const whole = await server.inject({ method: 'POST', url, payload: body, headers: wanting })
    expect(JSON.parse(whole.headers['x-hadal-timeline'] as string)).toMatchObject({
      model: 'fake',
      route: url,
      sequences: [{ completionTokens: 3, chunks: [[expect.any(Number), expect.any(Number)]] }],
    })
    const payload = { ...body, stream: true }
    const stream = await server.inject({ method: 'POST', url, payload, headers: wanting })
    const comments = [...stream.payload.matchAll(/^: x-hadal-timeline (.*)\n\n/gm)]
    expect(comments).toHaveLength(1)
    expect(JSON.parse(comments[0]![1]!).sequences[0]).toMatchObject({ completionTokens: 3 })
    const unasked = await server.inject({ method: 'POST', url, payload })
    expect(unasked.payload).not.toContain('timeline')
    expect(unasked.headers).not.toHaveProperty('x-hadal-timeline')
  })

  it('is in the feed alone where the headers had to go first', async () => {
    const server = serve({ limits: { ...defaultLimits, keepAliveMillis: 5 } }, { tokenMillis: 40 })
    const url = '/v1/chat/completions'
    const answer = await server.inject({ method: 'POST', url, payload: chat, headers: wanting })
    expect(answer.payload).toMatch(/^\n+\{/)
    expect(answer.headers).not.toHaveProperty('x-hadal-timeline')
    await eventually(async () => {
      const { requests } = (await server.inject('/hadal/timeline')).json()
      expect(requests).toMatchObject([{ status: 200, sequences: [{ completionTokens: 3 }] }])
    })
  })
})

describe('the timelines of all', () => {
  it('are for administrators', async () => {
    const server = serve({ apiKeys: ['k'], adminKeys: ['a'] })
    const read = async (key?: string): Promise<number> =>
      (
        await server.inject({
          url: '/hadal/timeline',
          headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        })
      ).statusCode
    expect([401, 403]).toContain(await read())
    expect(await read('k')).toBe(403)
    expect(await read('a')).toBe(200)
  })

  it('have texts that were embedded and ranked, too', async () => {
    const server = serve()
    await server.inject({ method: 'POST', url: '/v1/embeddings', payload: { input: 'four' } })
    await server.inject({ method: 'POST', url: '/v1/rerank', payload: { query: 'a', documents: ['ab'] } })
    await eventually(async () => {
      const { requests } = (await server.inject('/hadal/timeline')).json()
      expect(requests).toMatchObject([
        { route: '/v1/embeddings', model: 'fake', usage: { promptTokens: 4 }, sequences: [] },
        { route: '/v1/rerank', model: 'fake', usage: { promptTokens: 3 }, sequences: [] },
      ])
    })
  })
})
