/** DeepSeek's dialect: paths, beta features, statuses, and keep-alives. */

import { ManualClock } from '@hadal/base'
import type { Completion } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { coder, qwen, r1 } from './chat-models.ts'
import { chat, chunksOf, eventually, openStream, post, serve, user } from './serving.ts'

const chatPaths = [
  '/chat/completions',
  '/v1/chat/completions',
  '/beta/chat/completions',
  '/beta/v1/chat/completions',
]

describe("DeepSeek's paths", () => {
  it.each(chatPaths)('chat at %s', async (path) => {
    const { server } = serve({ reply: 'Four.</think>4', model: r1 })
    const { status, json } = await post<{ choices: { message: object }[]; usage: object }>(server, path, {
      model: 'deepseek-r1',
      ...user('2 + 2?'),
      thinking: { type: 'enabled' },
    })
    expect(status).toBe(200)
    expect(json().choices[0]!.message).toMatchObject({ content: '4', reasoning_content: 'Four.' })
    expect(json().usage).toMatchObject({
      prompt_cache_hit_tokens: 0,
      prompt_cache_miss_tokens: expect.any(Number),
    })
  })

  it.each(['/beta/completions', '/beta/v1/completions', '/v1/completions'])(
    'fill in the middle at %s',
    async (path) => {
      const { server, engine } = serve({ reply: 'b', model: coder })
      const { json } = await post<Completion>(server, path, { prompt: 'a', suffix: 'c' })
      expect(json().choices[0]).toEqual({ index: 0, text: 'b', logprobs: null, finish_reason: 'stop' })
      expect(engine.seen[0]!.prompt).toBe('①a②c③')
    },
  )

  it('complete as much as DeepSeek does by default', async () => {
    const { server, engine } = serve({ reply: 'b' })
    await post(server, '/beta/completions', { prompt: 'a' })
    expect(engine.seen[0]!.request.maxTokens).toBe(4096)
  })
})

describe('a prefix', () => {
  const messages = [
    { role: 'user', content: 'Write quick sort.' },
    { role: 'assistant', content: '```python\n', prefix: true },
  ]

  it('is continued, and is not part of the answer', async () => {
    const { server, engine } = serve({ reply: 'def', model: qwen })
    const { json } = await post<{ choices: { message: { content: string } }[] }>(server, chatPaths[2]!, {
      messages,
      stop: ['```'],
    })
    expect(engine.seen[0]!.prompt).toMatch(/<\|im_start\|>assistant\n```python\n$/)
    expect(json().choices[0]!.message.content).toBe('def')
  })

  it('is the last assistant message by default', async () => {
    const { server, engine } = serve({ reply: 'def', model: qwen })
    const last = [messages[0], { role: 'assistant', content: 'Here' }]
    const promptOf = async (fields: object): Promise<string> => {
      expect((await chat(server, { messages: last, ...fields })).status).toBe(200)
      return engine.seen.at(-1)!.prompt
    }
    for (const fields of [{}, { continue_final_message: true, add_generation_prompt: false }])
      expect(await promptOf(fields)).toMatch(/assistant\nHere$/)
    for (const fields of [{ continue_final_message: false }, { add_generation_prompt: true }])
      expect(await promptOf(fields)).toMatch(/assistant\nHere<\|im_end\|>\n<\|im_start\|>assistant\n$/)
  })

  it.each([
    ['messages[0].prefix', { messages: [{ role: 'assistant', content: 'a', prefix: true }, messages[0]] }],
    ['continue_final_message', { messages: [messages[0]], continue_final_message: true }],
    ['continue_final_message', { messages, continue_final_message: true, add_generation_prompt: true }],
    ['messages[2].role', { messages: [messages[0], ...Array(2).fill({ role: 'assistant', content: 'a' })] }],
    [
      'messages[0].prefix',
      {
        messages: [
          {
            role: 'assistant',
            prefix: true,
            tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
        ],
      },
    ],
  ])('is refused where it cannot be one: %s', async (param, body) => {
    const { server } = serve({ reply: 'def', model: qwen })
    const { status, body: answer } = await chat(server, body)
    expect([status, JSON.parse(answer).error?.param], answer).toEqual([400, param])
  })
})

describe("DeepSeek's statuses", () => {
  const ask = async (path: string, body: unknown): Promise<[number, object]> => {
    const { server } = serve(
      { model: qwen },
      { strictParameters: true, limits: { maxSequencesPerRequest: 2 } },
    )
    const { status, json } = await post(server, path, body)
    return [status, json().error]
  }

  it.each([
    [{ ...user('hi'), temperature: 'hot' }, 'temperature'],
    [{ ...user('hi'), n: 3 }, 'n'],
    [{ ...user('hi'), mood: 'good' }, 'mood'],
    [{ ...user('hi'), modalities: ['audio'] }, 'modalities'],
    [{ messages: [{ role: 'user' }] }, 'messages[0].content'],
  ])('say 422 of parameters under /beta, 400 elsewhere: %j', async (body, param) => {
    const error = {
      message: expect.any(String),
      type: 'invalid_request_error',
      param,
      code: expect.any(String),
    }
    expect(await ask('/beta/chat/completions', body)).toEqual([422, error])
    expect(await ask('/beta/completions', { ...body, prompt: 3 })).toMatchObject([422, {}])
    expect(await ask('/v1/chat/completions', body)).toEqual([400, error])
    expect(await ask('/chat/completions', body)).toEqual([400, error])
  })

  it('say 400 of a body that cannot be read, and 404 of an unknown model', async () => {
    expect(await ask('/beta/chat/completions', '{')).toMatchObject([400, { code: 'malformed_json' }])
    const unknown = { ...user('hi'), model: 'gpt-9' }
    expect(await ask('/beta/chat/completions', unknown)).toMatchObject([404, { code: 'model_not_found' }])
  })
})

describe('a user_id', () => {
  it.each([...chatPaths, '/v1/completions', '/beta/completions'])('owns what is cached: %s', async (path) => {
    const { server, engine } = serve({ reply: 'x', model: qwen })
    const body = path.includes('chat') ? user('hi') : { prompt: 'hi' }
    await post(server, path, { ...body, user_id: 'ann' })
    await post(server, path, body)
    expect(engine.seen.map(({ request }) => request.owner)).toEqual(['ann', undefined])
  })
})

describe('a request that waits', () => {
  /** A running request, a queued one, and their clock. */
  const waiting = async (path: string, body: object) => {
    const clock = new ManualClock()
    const { server, engine } = serve(
      { reply: 'ab', clock, tokenMillis: 10, maxBatchSize: 1, model: qwen },
      { clock, limits: { keepAliveMillis: 1000 } },
    )
    const { url } = await server.listen()
    const running = await openStream(url, { ...user('hi'), stream: true })
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    const requested = fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    await eventually(() => expect(engine.snapshot().waiting).toBe(1))
    for (let said = 0; said < 2; said += 1) {
      clock.advance(1)
      await new Promise((resolve) => setTimeout(resolve, 20))
      clock.advance(999)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    running.destroy()
    return { requested, engine, clock }
  }
  const finish = async ({
    requested,
    engine,
    clock,
  }: Awaited<ReturnType<typeof waiting>>): Promise<string> => {
    const text = (async () => (await requested).text())()
    await eventually(() => {
      clock.advance(10)
      expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
    })
    return text
  }

  it('for a stream hears comments', async () => {
    const text = await finish(await waiting('/chat/completions', { ...user('hi'), stream: true }))
    expect(text).toMatch(/^(: keep-alive\n\n)+data: \{/)
    const chunks = chunksOf(text.replaceAll(': keep-alive\n\n', ''))
    expect(chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')).toBe('ab')
  })

  it('for a whole answer hears blank lines, and the JSON after them can be read', async () => {
    const text = await finish(await waiting('/chat/completions', user('hi')))
    expect(text).toMatch(/^\n+\{/)
    expect(JSON.parse(text).choices[0].message.content).toBe('ab')
  })
})

describe('a stream', () => {
  it('always ends with usage under /beta', async () => {
    const { server } = serve({ reply: 'ab', model: qwen })
    const last = async (path: string) =>
      chunksOf((await post(server, path, { ...user('hi'), stream: true })).body).at(-1)
    expect(await last('/beta/chat/completions')).toMatchObject({
      choices: [{ finish_reason: 'stop' }],
      usage: { completion_tokens: 2, prompt_cache_hit_tokens: 0 },
    })
    expect(await last('/chat/completions')).not.toHaveProperty('usage')
  })
})

describe('a stream that the server cannot finish', () => {
  const interrupted = async (path: string, body: object): Promise<string> => {
    const clock = new ManualClock()
    const { server, engine } = serve({ reply: 'abc', clock, tokenMillis: 10, model: qwen })
    const answer = post(server, path, { ...body, stream: true })
    await eventually(() => expect(engine.snapshot().running).toBe(1))
    clock.advance(10)
    await eventually(() => expect(engine.seen[0]!.tokens).toBe(1))
    engine.crash()
    return (await answer).body
  }

  it('ends with a finish reason under /beta', async () => {
    const chunks = chunksOf(await interrupted('/beta/chat/completions', user('hi')))
    expect(chunks.at(-1)!.choices).toEqual([
      { index: 0, delta: {}, logprobs: null, finish_reason: 'insufficient_system_resource' },
    ])
    const texts = chunksOf<Completion>(await interrupted('/beta/completions', { prompt: 'a' }))
    expect(texts.at(-1)!.choices[0]!.finish_reason).toBe('insufficient_system_resource')
  })

  it('ends with an error elsewhere', async () => {
    expect(await interrupted('/chat/completions', user('hi'))).toContain('"code":"engine_crashed"')
  })
})
