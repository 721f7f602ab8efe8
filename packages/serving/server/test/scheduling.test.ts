import { deadlineUnmet } from '@hadal/engine'
import { describe, expect, it, vi } from 'vitest'
import { chat, post, serve, user } from './serving.ts'

describe('how a request waits', () => {
  it('is said by a body, or by headers in any dialect; by whose key it is', async () => {
    const { server, engine } = serve({ reply: 'x' }, { apiKeys: ['hush', 'secret'] })
    const key = { authorization: 'Bearer hush' }
    await post(server, '/v1/chat/completions', { ...user('hi'), priority: -5, deadline_ms: 900 }, key)
    const headers = { 'x-hadal-priority': '7', 'x-hadal-deadline-ms': '2500', 'x-api-key': 'secret' }
    await post(server, '/v1/messages', { model: 'fake', max_tokens: 5, ...user('hi') }, headers)
    await post(server, '/v1/chat/completions', { ...user('hi'), priority: 1 }, { ...headers, ...key })
    const seen = engine.seen.map(({ request: { priority, deadlineMillis, client } }) => ({
      priority,
      deadlineMillis,
      client,
    }))
    expect(seen).toEqual([
      { priority: -5, deadlineMillis: 900, client: expect.any(String) },
      { priority: 7, deadlineMillis: 2500, client: expect.any(String) },
      { priority: 1, deadlineMillis: 2500, client: seen[0]!.client },
    ])
    expect(seen[1]!.client).not.toBe(seen[0]!.client)
    expect(JSON.stringify(seen)).not.toMatch(/hush|secret/)
  })

  it('is said of texts to embed and to rank, too', async () => {
    const { server, engine } = serve({ reply: 'x' }, { apiKeys: ['hush'] })
    const [embed, rerank] = [vi.spyOn(engine, 'embed'), vi.spyOn(engine, 'rerank')]
    const headers = { authorization: 'Bearer hush', 'x-hadal-priority': '3', 'x-hadal-deadline-ms': '700' }
    await post(server, '/v1/embeddings', { model: 'fake', input: 'a' }, headers)
    await post(server, '/v1/rerank', { model: 'fake', query: 'a', documents: ['b'] }, headers)
    const said = { priority: 3, deadlineMillis: 700, client: expect.any(String) }
    expect(embed.mock.calls[0]![0]).toMatchObject(said)
    expect(rerank.mock.calls[0]![0]).toMatchObject(said)
    const { status } = await post(
      server,
      '/v1/embeddings',
      { input: 'a' },
      { ...headers, 'x-hadal-priority': 'x' },
    )
    expect([status, embed.mock.calls.length]).toEqual([400, 1])
  })

  it('has no client and no priority by default', async () => {
    const { server, engine } = serve({ reply: 'x' })
    await chat(server, user('hi'))
    expect(engine.seen[0]!.request).not.toHaveProperty('client')
    expect(engine.seen[0]!.request).not.toHaveProperty('priority')
  })

  it.each([
    [{}, { 'x-hadal-priority': 'soon' }, 'x-hadal-priority'],
    [{}, { 'x-hadal-deadline-ms': '0' }, 'x-hadal-deadline-ms'],
    [{ priority: 1.5 }, {}, 'priority'],
    [{ priority: 1001 }, {}, 'priority'],
    [{ deadline_ms: 0 }, {}, 'deadline_ms'],
  ])('is refused where it makes no sense: %j %j', async (body, headers, param) => {
    const { server, engine } = serve({ reply: 'x' })
    const { status, json } = await post(server, '/v1/chat/completions', { ...user('hi'), ...body }, headers)
    expect([status, json().error.param]).toEqual([400, param])
    expect(engine.seen).toHaveLength(0)
  })
})

describe('an engine that would refuse right away', () => {
  it('is not asked in vain: nothing is made of the request, not even its prompt', async () => {
    const { server, engine } = serve({ reply: 'x' })
    const requested: unknown[] = []
    Object.assign(engine, {
      refusal: (scheduling: unknown) => {
        requested.push(scheduling)
        return deadlineUnmet(500).with({ retryAfterSeconds: 7 })
      },
    })
    const { status, headers, json } = await post(
      server,
      '/v1/chat/completions',
      { messages: 'not even looked at', priority: 3, deadline_ms: 500 },
      { 'x-hadal-priority': '-1' },
    )
    expect([status, headers['retry-after'], json().error.code]).toEqual([503, '7', 'deadline_unmet'])
    expect(requested).toEqual([{ priority: 3, deadlineMillis: 500 }])
  })
})
