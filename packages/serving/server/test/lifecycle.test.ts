/** Keys, ids, origins, readiness, layers, draining, closing. */

import { createLogger, ManualClock } from '@hadal/base'
import { createFakeEngine, type Engine } from '@hadal/engine'
import { SseDecoder } from '@hadal/protocol'
import { createServer, type GenerationLayer } from '@hadal/server'
import { describe, expect, it } from 'vitest'
import { chat, chunksOf, eventually, post, serve, user } from './serving.ts'

const streamed = { ...user('hi'), stream: true }

describe('GET /decisions', () => {
  it('returns the decisions of the host, and 404 when there are none', async () => {
    const status = { version: 1, models: [{ model: 'fake', replicas: 2 }] }
    const { server } = serve({}, { decisions: () => status })
    expect((await server.inject('/decisions')).json()).toEqual(status)
    const answer = await serve().server.inject('/decisions')
    expect(answer.statusCode).toBe(404)
    expect(answer.json().error.code).toBe('replicas_fixed')
  })

  it('is for administrators', async () => {
    const { server } = serve({}, { decisions: () => ({}), apiKeys: ['sk-one'], adminKeys: ['sk-admin'] })
    const status = async (key: string) =>
      (await server.inject({ url: '/decisions', headers: { authorization: `Bearer ${key}` } })).statusCode
    expect(await status('sk-one')).toBe(403)
    expect(await status('sk-admin')).toBe(200)
  })
})

describe('API keys', () => {
  it('are required on model routes, as Bearer tokens', async () => {
    const { server } = serve({}, { apiKeys: ['sk-one', 'sk-two'] })
    const status = async (authorization?: string) => {
      const headers = authorization === undefined ? {} : { authorization }
      return (await server.inject({ url: '/v1/models', headers })).statusCode
    }
    expect(await status('Bearer sk-one')).toBe(200)
    expect(await status('bearer sk-two')).toBe(200)
    for (const wrong of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Bearer sk-three',
      'Bearer sk-on',
      'sk-one',
      'Basic sk-one',
    ])
      expect(await status(wrong)).toBe(401)
    expect((await server.inject('/%76%31/models')).statusCode).toBe(401)
    const refused = await post(server, '/v1/chat/completions', user('hi'))
    expect(refused.headers['www-authenticate']).toBe('Bearer')
    expect(refused.json().error).toMatchObject({ type: 'authentication_error', code: 'invalid_api_key' })
  })

  it('are not required on operator routes', async () => {
    const { server } = serve({}, { apiKeys: ['sk-one'] })
    for (const path of ['/health', '/ready', '/metrics'])
      expect((await server.inject(path)).statusCode).toBe(200)
  })
})

describe('requests', () => {
  it("keep a client's own id, and get one otherwise", async () => {
    const { server } = serve()
    const id = async (headers: Record<string, string>) =>
      (await post(server, '/v1/chat/completions', user('hi'), headers)).headers['x-request-id']
    expect(await id({ 'x-request-id': 'trace-7' })).toBe('trace-7')
    expect(await id({})).toMatch(/^req-/)
    expect(await id({ 'x-request-id': 'bad\tid' })).toMatch(/^req-/)
    const stream = await post(server, '/v1/chat/completions', streamed, { 'x-request-id': 's1' })
    expect(stream.headers['x-request-id']).toBe('s1')
  })

  it('may say the charset of their JSON', async () => {
    const { server } = serve()
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    expect((await post(server, '/v1/chat/completions', user('hi'), headers)).status).toBe(200)
  })

  it('from web pages are answered only for the origins allowed', async () => {
    const origin = 'https://chat.example'
    const preflight = {
      method: 'OPTIONS' as const,
      url: '/v1/chat/completions',
      headers: { origin, 'access-control-request-headers': 'authorization' },
    }
    const { server: closed } = serve()
    expect((await closed.inject(preflight)).headers).not.toHaveProperty('access-control-allow-origin')
    const { server } = serve({}, { corsOrigins: [origin], apiKeys: ['sk-one'] })
    const allowed = await server.inject(preflight)
    expect(allowed.statusCode).toBe(200)
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'authorization',
      'access-control-allow-methods': expect.stringContaining('PATCH'),
    })
    const stream = await post(server, '/v1/chat/completions', streamed, {
      origin,
      authorization: 'Bearer sk-one',
    })
    expect(stream.headers['access-control-allow-origin']).toBe(origin)
    const readable = String(stream.headers['access-control-expose-headers']).split(', ')
    expect(readable).toEqual(expect.arrayContaining(['x-request-id', 'request-id', 'retry-after']))
    const other = await server.inject({ url: '/v1/models', headers: { origin: 'https://evil.example' } })
    expect(other.headers).not.toHaveProperty('access-control-allow-origin')
    const { server: local } = serve({}, { corsOrigins: ['localhost'] })
    for (const here of ['http://localhost', 'http://127.0.0.1:3000', 'http://[::1]:3000']) {
      const { headers } = await local.inject({
        ...preflight,
        headers: { ...preflight.headers, origin: here },
      })
      expect(headers['access-control-allow-origin']).toBe(here)
    }
    for (const there of ['http://notlocalhost', 'http://localhost.evil.com', 'null', '%']) {
      const answer = await local.inject({ ...preflight, headers: { ...preflight.headers, origin: there } })
      expect(answer.statusCode).toBe(200)
      expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })
})

describe('models', () => {
  it('are found among several engines by name', async () => {
    const engines = [
      createFakeEngine({ reply: 'small', model: { id: 'nano' } }),
      createFakeEngine({ reply: 'big', model: { id: 'org/giant:Q8_0' } }),
    ]
    const { server } = serve({}, { engines })
    const answer = await chat(server, { model: 'org/giant:Q8_0', ...user('hi') })
    expect(answer.json().choices[0]!.message.content).toBe('big')
    expect(answer.json().model).toBe('org/giant:Q8_0')
    const list = (await server.inject('/v1/models')).json()
    expect(list.data.map((model: { id: string }) => model.id)).toEqual(['nano', 'org/giant:Q8_0'])
    expect((await server.inject('/v1/models/org/giant:Q8_0')).json()).toMatchObject({ max_model_len: 4096 })
    const unnamed = await post(server, '/v1/chat/completions', user('hi'))
    expect(unnamed.status).toBe(404)
    expect(unnamed.json().error.message).toContain('"nano" or "org/giant:Q8_0"')
  })

  it('go on being served when another engine fails to start, or is closed', async () => {
    const failed: Engine = {
      ...createFakeEngine(),
      get model(): never {
        throw new Error('the model is known once ready() has resolved')
      },
      ready: async () => {
        throw new Error('out of memory')
      },
      snapshot: () => ({ ...createFakeEngine().snapshot(), state: 'closed' }),
    }
    const good = createFakeEngine({ reply: 'good', model: { id: 'good' } })
    const other = createFakeEngine({ model: { id: 'other' } })
    const { server } = serve({}, { engines: [failed, good, other] })
    const listed = async () =>
      (await server.inject('/v1/models')).json().data.map(({ id }: { id: string }) => id)
    const ask = async (model?: string) => {
      const { status, body } = await chat(server, { ...(model !== undefined && { model }), ...user('hi') })
      return [status, JSON.parse(body).error?.code]
    }
    expect(await listed()).toEqual(['good', 'other'])
    await other[Symbol.asyncDispose]()
    expect(await listed()).toEqual(['good'])
    expect(await ask('good')).toEqual([200, undefined])
    expect(await ask('other')).toEqual([404, 'model_not_found'])
    expect(await ask()).toEqual([404, 'model_not_found'])
    await good[Symbol.asyncDispose]()
    expect(await ask('good')).toEqual([503, 'engine_closed'])
    expect((await server.inject('/v1/models')).json()).toMatchObject({ object: 'list', data: [] })
  })

  it('that have no chat template say so in the log', async () => {
    const lines: string[] = []
    serve({}, { logger: createLogger((_, message) => lines.push(message)) })
    await eventually(() => expect(lines).toEqual(['fake has no chat template; chats are written as ChatML']))
  })
})

describe('layers', () => {
  it('see what the client wrote and can refuse it before any engine work', async () => {
    const seen: unknown[] = []
    const refuse: GenerationLayer = () => (generation) => {
      seen.push(generation.texts)
      throw new Error('no')
    }
    const { server, engine } = serve({}, { layers: [refuse] })
    expect(
      (await chat(server, { messages: [{ role: 'system', content: 'a' }, ...user('b').messages] })).status,
    ).toBe(500)
    expect(seen).toEqual([
      [
        { role: 'system', text: 'a' },
        { role: 'user', text: 'b' },
      ],
    ])
    expect(engine.seen).toHaveLength(0)
  })

  it('see what else of a chat comes to the model: thoughts, calls and tools', async () => {
    const seen: string[] = []
    const watch: GenerationLayer = (next) => (generation, signal) => {
      seen.push(...generation.texts.map(({ role, text }) => `${role}: ${text}`))
      return next(generation, signal)
    }
    const { server } = serve({}, { layers: [watch] })
    const called = { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"said"}' } }
    const { status } = await chat(server, {
      messages: [
        ...user('b').messages,
        { role: 'assistant', content: null, reasoning_content: 'thought', tool_calls: [called] },
        { role: 'tool', tool_call_id: 'c', content: 'result' },
      ],
      tools: [{ type: 'function', function: { name: 'f', description: 'described' } }],
    })
    expect(status).toBe(200)
    expect(seen).toEqual([
      'system: {"name":"f","description":"described"}',
      'user: b',
      'assistant: thought',
      'assistant: {"a":"said"}',
      'tool: result',
    ])
  })

  it('can end a choice on its way out, which ends its engine work too', async () => {
    const cutAfter =
      (most: number): GenerationLayer =>
      (next) =>
        async function* (generation, signal) {
          let shown = 0
          for await (const event of next(generation, signal)) {
            if (event.type === 'delta' && ++shown > most) {
              const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: most, reasoningTokens: 0 }
              const timings = { queueMillis: 0, prefillMillis: 0, decodeMillis: 0 }
              yield { type: 'done', choice: event.choice, finishReason: 'content_filter', usage, timings }
              return
            }
            yield event
          }
        }
    const { server, engine } = serve({ reply: 'x'.repeat(1000) }, { layers: [cutAfter(5), cutAfter(2)] })
    const whole = await chat(server, user('hi'))
    expect(whole.json().choices[0]).toMatchObject({
      message: { content: 'xx' },
      finish_reason: 'content_filter',
    })
    const chunks = chunksOf((await chat(server, streamed)).body)
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('content_filter')
    await eventually(() => expect(engine.snapshot().running).toBe(0))
    for (const { tokens } of engine.seen) expect(tokens).toBeLessThan(10)
  })
})

describe('draining', () => {
  it('lets running streams finish, refuses new ones, and then closes', async () => {
    const clock = new ManualClock()
    const { server, engine } = serve({ reply: 'ab', clock, tokenMillis: 10 })
    const { url } = await server.listen()
    const ask = (body: unknown) =>
      fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const running = ask(streamed)
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    const drained = server.drain(60_000)
    const refused = await ask(user('hi'))
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await refused.json()).toMatchObject({ error: { code: 'server_draining' } })
    expect((await fetch(`${url}/ready`)).status).toBe(503)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    const finish = setInterval(() => clock.advance(10), 5)
    const body = await (await running).text()
    clearInterval(finish)
    expect(chunksOf(body).map((chunk) => chunk.choices[0]!.delta.content ?? '')).toEqual(['', 'a', 'b', ''])
    await drained
    await expect(fetch(`${url}/health`)).rejects.toThrow()
  })

  it('ends what outlasts the timeout with an error event', async () => {
    const clock = new ManualClock()
    const { server, engine } = serve({ clock, tokenMillis: 10 })
    const { url } = await server.listen()
    const running = fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(streamed),
    })
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    clock.advance(10)
    const response = await running
    await server.drain(50)
    const events = new SseDecoder().push(await response.text())
    expect(JSON.parse(events.at(-1)!.data).error.code).toBe('server_draining')
    expect(engine.snapshot().running).toBe(0)
  })

  it('of an idle server is immediate, and closing twice is fine', async () => {
    const server = createServer({ engines: [createFakeEngine()] })
    await server.listen()
    await server.drain(60_000)
    await server.close()
  })
})
