/** POST /v1/messages through Anthropic's client, with scripted responses. */

import Anthropic from '@anthropic-ai/sdk'
import { ManualClock } from '@hadal/base'
import { createFakeEngine } from '@hadal/engine'
import type { AnthropicEvent } from '@hadal/protocol'
import { SseDecoder } from '@hadal/protocol'
import { type ChoiceEvent, createServer, type GenerationLayer } from '@hadal/server'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { anyAnswer, begun, call, done, mutated, say, scripted, template, think } from './scripted.ts'
import { post, serve } from './serving.ts'

const script: { events: (ChoiceEvent | Error)[] } = { events: [] }
const server = createServer({
  engines: [createFakeEngine({ model: { id: 'nano' } })],
  apiKeys: ['sk-test'],
  layers: [scripted(script)],
})
let baseURL: string
beforeAll(async () => {
  baseURL = (await server.listen()).url
})
afterAll(() => server.close())

const client = (options: { apiKey?: string; baseURL?: string } = {}) =>
  new Anthropic({ apiKey: 'sk-test', maxRetries: 0, baseURL, ...options })
const question: Anthropic.MessageCreateParamsNonStreaming = {
  model: 'nano',
  max_tokens: 1024,
  messages: [{ role: 'user', content: 'Hello, Claude' }],
}
const tools: Anthropic.Tool[] = [
  {
    name: 'get_weather',
    description: 'Get the current weather in a given location',
    input_schema: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
  },
]

/** The events of a stream, each under its own name. */
async function eventsOf(body: object): Promise<AnthropicEvent[]> {
  const reply = await post(
    server,
    '/v1/messages',
    { ...question, ...body, stream: true },
    { 'x-api-key': 'sk-test' },
  )
  return new SseDecoder().push(reply.body).map(({ event, data }) => {
    const value = JSON.parse(data) as AnthropicEvent
    expect(event).toBe(value.type)
    return value
  })
}

describe('the answer', () => {
  it('has every field of the example in the API reference', async () => {
    script.events = [say('Hi! My name is '), say('Claude.'), done()]
    const answer = await client().messages.create(question)
    expect(answer).toEqual({
      id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'message',
      role: 'assistant',
      model: 'nano',
      content: [{ type: 'text', text: 'Hi! My name is Claude.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: {
        cache_creation: null,
        cache_creation_input_tokens: 0,
        cache_read_input_tokens: 10,
        inference_geo: null,
        input_tokens: 15,
        output_tokens: 15,
        output_tokens_details: { thinking_tokens: 5 },
        server_tool_use: null,
        service_tier: 'standard',
        speed: null,
      },
    })
    expect(answer._request_id).toMatch(/^req-/)
  })

  it('holds thinking, text and calls in the order they were said', async () => {
    script.events = [
      think('Let me '),
      think('see.'),
      say('I will look.'),
      ...call(0, 'toolu_1', 'get_weather', '{"location":', '"Paris"}'),
      ...call(1, 'toolu_2', 'get_time'),
      think('And now?'),
      ...call(2, 'toolu_3', 'get_weather', '{"loc'),
      done('tool_calls'),
    ]
    const { content, stop_reason } = await client().messages.create(question)
    expect(stop_reason).toBe('tool_use')
    const caller = { type: 'direct' }
    expect(content).toEqual([
      { type: 'thinking', thinking: 'Let me see.', signature: expect.stringMatching(/^\S{20,}$/) },
      { type: 'text', text: 'I will look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { location: 'Paris' }, caller },
      { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: {}, caller },
      { type: 'thinking', thinking: 'And now?', signature: expect.any(String) },
      { type: 'tool_use', id: 'toolu_3', name: 'get_weather', input: { INVALID_JSON: '{"loc' }, caller },
    ])
  })

  it.each([
    [done('stop'), {}, 'end_turn', null],
    [done('stop', { stopString: 'END' }), { stop_sequences: ['END'] }, 'stop_sequence', 'END'],
    // A stop string of the template, not of the client.
    [done('stop', { stopString: '<|im_end|>' }), { stop_sequences: ['END'] }, 'end_turn', null],
    [done('length'), { max_tokens: 15 }, 'max_tokens', null],
    [
      done('length', {
        usage: { promptTokens: 4000, cachedTokens: 0, completionTokens: 96, reasoningTokens: 0 },
      }),
      {},
      'model_context_window_exceeded',
      null,
    ],
    [done('tool_calls'), {}, 'tool_use', null],
    [done('content_filter'), {}, 'refusal', null],
    [done('insufficient_system_resource'), {}, 'pause_turn', null],
  ])('ends for a reason: %#', async (end, more, reason, sequence) => {
    script.events = [say('one'), end]
    const answer = await client().messages.create({ ...question, ...more })
    expect(answer).toMatchObject({ stop_reason: reason, stop_sequence: sequence })
    const streamed = await client()
      .messages.stream({ ...question, ...more })
      .finalMessage()
    expect(streamed).toMatchObject({ stop_reason: reason, stop_sequence: sequence })
  })
})

describe('the stream', () => {
  it('is that of the documented text example', async () => {
    script.events = [begun, { ...begun, computedTokens: 25 } as ChoiceEvent, say('Hello'), say('!'), done()]
    const events = await eventsOf({})
    expect(events).toMatchObject([
      {
        type: 'message_start',
        message: {
          type: 'message',
          role: 'assistant',
          content: [],
          model: 'nano',
          stop_reason: null,
          stop_sequence: null,
          usage: { input_tokens: 15, cache_read_input_tokens: 10, output_tokens: 0 },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '!' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { output_tokens: 15 },
      },
      { type: 'message_stop' },
    ])
  })

  it('is that of the documented examples with thinking and tools', async () => {
    script.events = [
      think('Let me solve this'),
      think(' step by step'),
      say("Okay, let's check"),
      ...call(0, 'toolu_01T1x1fJ34qAmk2tNTrN7Up6', 'get_weather', '{"location":', ' "San Francisco, CA"}'),
      done('tool_calls'),
    ]
    const [start, ...events] = await eventsOf({ tools })
    expect(start!.type).toBe('message_start')
    const delta = (index: number, value: object) => ({ type: 'content_block_delta', index, delta: value })
    expect(events).toEqual([
      {
        type: 'content_block_start',
        index: 0,
        content_block: { type: 'thinking', thinking: '', signature: '' },
      },
      { type: 'ping' },
      delta(0, { type: 'thinking_delta', thinking: 'Let me solve this' }),
      delta(0, { type: 'thinking_delta', thinking: ' step by step' }),
      delta(0, { type: 'signature_delta', signature: expect.stringMatching(/^\S{20,}$/) }),
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      delta(1, { type: 'text_delta', text: "Okay, let's check" }),
      { type: 'content_block_stop', index: 1 },
      {
        type: 'content_block_start',
        index: 2,
        content_block: {
          type: 'tool_use',
          id: 'toolu_01T1x1fJ34qAmk2tNTrN7Up6',
          name: 'get_weather',
          input: {},
          caller: { type: 'direct' },
        },
      },
      delta(2, { type: 'input_json_delta', partial_json: '{"location":' }),
      delta(2, { type: 'input_json_delta', partial_json: ' "San Francisco, CA"}' }),
      { type: 'content_block_stop', index: 2 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'tool_use', stop_sequence: null, stop_details: null, container: null },
        usage: {
          input_tokens: 15,
          cache_read_input_tokens: 10,
          cache_creation_input_tokens: 0,
          output_tokens: 15,
          output_tokens_details: { thinking_tokens: 5 },
          server_tool_use: null,
        },
      },
      { type: 'message_stop' },
    ])
  })

  it('is read by the helper of the SDK', async () => {
    script.events = [
      think('Hm.'),
      say('Grüße, '),
      say('世界! 😀'),
      ...call(0, 'toolu_1', 'get_weather', '{"location":', '"Paris"}'),
      done('tool_calls'),
    ]
    const heard = { text: '', thinking: '', json: '', blocks: 0 }
    const stream = client()
      .messages.stream({ ...question, tools })
      .on('text', (text) => (heard.text += text))
      .on('thinking', (text) => (heard.thinking += text))
      .on('inputJson', (text) => (heard.json += text))
      .on('contentBlock', () => (heard.blocks += 1))
    expect(await stream.finalText()).toBe('Grüße, 世界! 😀')
    expect(heard).toEqual({
      text: 'Grüße, 世界! 😀',
      thinking: 'Hm.',
      json: '{"location":"Paris"}',
      blocks: 3,
    })
    const { content } = await stream.finalMessage()
    expect(content[2]).toMatchObject({ type: 'tool_use', input: { location: 'Paris' } })
  })

  it('adds up to the answer, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, fc.boolean(), async (events, hides) => {
        script.events = events
        const requested = {
          ...question,
          ...(hides && { thinking: { type: 'adaptive', display: 'omitted' } as const }),
        }
        const whole = await client().messages.create(requested)
        const streamed = await client().messages.stream(requested).finalMessage()
        for (const field of ['content', 'stop_reason', 'stop_sequence', 'model', 'role', 'type'] as const)
          expect(streamed[field]).toEqual(whole[field])
        expect(streamed.usage).toEqual(whole.usage)
      }),
      { numRuns: runs(30, 100) },
    )
  })

  it('says an error of its middle as an event, which the SDK throws', async () => {
    script.events = [say('Hel'), new Error('a fault')]
    const events = await eventsOf({})
    expect(events.at(-1)).toEqual({
      type: 'error',
      error: { type: 'api_error', message: expect.stringContaining('the server failed') },
    })
    await expect(client().messages.stream(question).finalMessage()).rejects.toMatchObject({
      type: 'api_error',
    })
  })
})

describe('thoughts', () => {
  it('that are not shown come back in their signature', async () => {
    const { server, engine } = serve({ model: { chatTemplate: template } }, { layers: [] })
    script.events = [think('It is 4.'), say('4'), done()]
    const thinking = { type: 'adaptive', display: 'omitted' } as const
    const { content } = await client().messages.create({ ...question, thinking })
    expect(content[0]).toMatchObject({ type: 'thinking', thinking: '' })
    const messages = [
      { role: 'user', content: '2+2?' },
      { role: 'assistant', content },
      { role: 'user', content: 'Sure?' },
    ]
    await post(server, '/v1/messages', { max_tokens: 4, messages })
    expect(engine.seen[0]!.prompt).toContain('assistant(It is 4.):4')
  })

  it('are taken as they are shown, and not from another server', async () => {
    const { server, engine } = serve({ model: { chatTemplate: template } })
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pki' },
      { type: 'thinking', thinking: '', signature: 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pki' },
      { type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' },
      { type: 'text', text: 'Hi' },
    ]
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content },
      { role: 'user', content: 'And?' },
    ]
    expect((await post(server, '/v1/messages', { max_tokens: 4, messages })).status).toBe(200)
    expect(engine.seen[0]!.prompt).toContain('assistant(Hm.\n):Hi')
  })
})

describe('thoughts that are not shown', () => {
  it('do not let the connection fall silent', async () => {
    const clock = new ManualClock()
    const thinking: GenerationLayer = () =>
      async function* (_, signal) {
        for (let thought = 0; thought < 5; thought += 1) {
          yield think('hm')
          await clock.sleep(600, signal)
        }
        yield done()
      }
    const { server } = serve({}, { clock, layers: [thinking], limits: { keepAliveMillis: 1000 } })
    let ended = false
    const reply = post(server, '/v1/messages', {
      max_tokens: 9,
      messages: [{ role: 'user', content: 'Hello' }],
      thinking: { type: 'enabled', display: 'omitted' },
      stream: true,
    }).finally(() => {
      ended = true
    })
    while (!ended) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      clock.advance(300)
    }
    const pings = new SseDecoder().push((await reply).body).filter(({ event }) => event === 'ping')
    // One is sent with the first block.
    expect(pings.length).toBeGreaterThan(2)
  })
})

describe('the request', () => {
  it.each([
    [{ system: 'Be brief.' }, 'system():Be brief.\nuser():Hello'],
    [
      {
        system: [
          { type: 'text', text: 'Be' },
          { type: 'text', text: 'brief.', cache_control: { type: 'ephemeral' } },
        ],
      },
      'system():Be\nbrief.\nuser',
    ],
    [
      {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'user', content: [{ type: 'text', text: 'b' }] },
        ],
      },
      'user():a\n\nb\n',
    ],
    [
      { system: 'x-anthropic-billing-header: cc_version=2.1; cc_entrypoint=cli; cch=a5145;You are' },
      'cch=00000;You are',
    ],
  ])('becomes a prompt: %#', async (more, prompt) => {
    const { server, engine } = serve({ model: { chatTemplate: template } })
    const body = { max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }], ...more }
    expect((await post(server, '/v1/messages', body)).status).toBe(200)
    expect(engine.seen[0]!.prompt).toContain(prompt)
  })

  it('brings the results of tools', async () => {
    const { server, engine } = serve({ model: { chatTemplate: template } })
    const use = (id: string) => ({ type: 'tool_use', id, name: 'get_weather', input: { location: 'Paris' } })
    const messages = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: [{ type: 'text', text: 'I look.' }, use('t1'), use('t2'), use('t3')] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', content: 'sunny' },
          {
            type: 'tool_result',
            tool_use_id: 't2',
            content: [{ type: 'text', text: 'no city' }],
            is_error: true,
          },
          { type: 'tool_result', tool_use_id: 't3' },
          { type: 'text', text: 'Well?' },
        ],
      },
    ]
    expect((await post(server, '/v1/messages', { max_tokens: 4, messages, tools })).status).toBe(200)
    const { prompt } = engine.seen[0]!
    expect(prompt.replaceAll(' ', '')).toContain(
      'assistant():Ilook.<tool_call>get_weather{"location":"Paris"}</tool_call>',
    )
    expect(prompt).toContain('tool():sunny\ntool():Error: no city\ntool():\nuser():Well?')
  })

  it('sets what the engine does', async () => {
    const { server, engine } = serve()
    const body = {
      max_tokens: 7,
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0.5,
      top_k: 40,
      top_p: 0.9,
      stop_sequences: ['\n', 'END'],
      metadata: { user_id: 'user-1' },
    }
    expect((await post(server, '/v1/messages', body)).status).toBe(200)
    expect(engine.seen[0]!.request).toMatchObject({
      maxTokens: 7,
      owner: 'user-1',
      sampling: { temperature: 0.5, topK: 40, topP: 0.9 },
    })
    expect(engine.seen[0]!.request.stop).toEqual(expect.arrayContaining(['\n', 'END']))
  })

  it('is of a user whose id is not longer than elsewhere, for it is remembered', async () => {
    const { server } = serve()
    const body = { max_tokens: 7, messages: [{ role: 'user', content: 'Hello' }] }
    const of = (length: number) =>
      post(server, '/v1/messages', { ...body, metadata: { user_id: 'u'.repeat(length) } })
    expect((await of(512)).status).toBe(200)
    const reply = await of(513)
    expect(reply.status).toBe(400)
    expect(reply.body).toContain('metadata.user_id')
  })

  it('gets the prompt length at the start of a stream', async () => {
    const { server } = serve({ reply: 'ok', model: { chatTemplate: template } })
    const body = { max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }], stream: true }
    const reply = await post(server, '/v1/messages', body)
    const [start] = new SseDecoder().push(reply.body)
    const { json } = await post<{ input_tokens: number }>(server, '/v1/messages/count_tokens', {
      messages: body.messages,
    })
    expect(JSON.parse(start!.data).message.usage.input_tokens).toBe(json().input_tokens)
    expect(json()).toEqual({ input_tokens: 'user():Hello\n'.length })
  })

  it('may hold whatever the SDK made of an answer, on a server that is strict about fields', async () => {
    const { server } = serve({ model: { id: 'nano' } }, { strictParameters: true })
    script.events = [think('Look.'), say('Hm.'), ...call(0, 't1', 'get_weather', '{}'), done('tool_calls')]
    const { content } = await client()
      .messages.stream({ ...question, tools })
      .finalMessage()
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'sunny' }
    const messages = [
      ...question.messages,
      { role: 'assistant', content },
      { role: 'user', content: [{ ...result, cache_control: { type: 'ephemeral' } }] },
    ]
    expect((await post(server, '/v1/messages', { ...question, messages, tools })).status).toBe(200)
    const unknown = await post(server, '/v1/messages', { ...question, sistem: 'x' })
    expect(unknown.status).toBe(400)
    expect(unknown.body).toContain('sistem')
  })

  it('may ask for the models', async () => {
    const model = {
      type: 'model',
      id: 'nano',
      display_name: 'nano',
      created_at: '1970-01-01T00:00:00.000Z',
      max_input_tokens: 4096,
      max_tokens: 4096,
      capabilities: null,
      line: null,
      lifecycle: 'active',
      deprecated_at: null,
      retires_at: null,
    }
    for (const base of [baseURL, `${baseURL}/anthropic`]) {
      const { data } = await client({ baseURL: base }).models.list()
      expect(data).toEqual([model])
      expect(await client({ baseURL: base }).models.retrieve('nano')).toEqual(model)
      await expect(client({ baseURL: base }).models.retrieve('claude')).rejects.toMatchObject({
        type: 'not_found_error',
      })
    }
    const authorization = 'Bearer sk-test'
    const others = await server.inject({ url: '/v1/models', headers: { authorization } })
    expect(others.json()).toMatchObject({ object: 'list', data: [{ object: 'model', id: 'nano' }] })
  })

  it('may be sent to the base URL of DeepSeek, and in beta', async () => {
    script.events = [say('Hi'), done()]
    const deepseek = client({ baseURL: `${baseURL}/anthropic` })
    expect((await deepseek.messages.create(question)).content).toMatchObject([{ text: 'Hi' }])
    expect(
      (await deepseek.messages.countTokens({ model: 'nano', messages: question.messages })).input_tokens,
    ).toBeGreaterThan(0)
    const beta = await client().beta.messages.create({
      ...question,
      betas: ['interleaved-thinking-2025-05-14'],
    })
    expect(beta.content).toMatchObject([{ text: 'Hi' }])
  })
})

describe('a model that thinks and calls', () => {
  const said =
    '<think>\nLook.\n</think>\n\nOne moment.\n<tool_call>\n{"name": "get_weather", "arguments": {"location": "Paris"}}\n</tool_call>'
  const body = { max_tokens: 500, messages: [{ role: 'user', content: 'Weather?' }], tools }

  it('is understood, and remembered by its calls where the client drops its thoughts', async () => {
    const { server, engine } = serve({ reply: said, model: { chatTemplate: template } })
    const { json } = await post<Anthropic.Message>(server, '/v1/messages', body)
    const { content, stop_reason } = json()
    expect(stop_reason).toBe('tool_use')
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Look.' },
      { type: 'text', text: 'One moment.' },
      { type: 'tool_use', name: 'get_weather', input: { location: 'Paris' } },
    ])
    const call = content.at(-1) as Anthropic.ToolUseBlock
    const results = [{ type: 'tool_result', tool_use_id: call.id, content: 'sunny' }]
    const messages = [
      ...body.messages,
      { role: 'assistant', content: [call] },
      { role: 'user', content: results },
    ]
    expect((await post(server, '/v1/messages', { ...body, messages })).status).toBe(200)
    expect(engine.seen[1]!.prompt).toContain('assistant(Look.):<tool_call>')
  })

  it('streams the same', async () => {
    const { server } = serve({ reply: said, model: { chatTemplate: template } })
    const { body: text } = await post(server, '/v1/messages', { ...body, stream: true })
    const events = new SseDecoder().push(text).map(({ data }) => JSON.parse(data) as AnthropicEvent)
    const starts = events.filter((event) => event.type === 'content_block_start')
    expect(starts.map(({ content_block: { type } }) => type)).toEqual(['thinking', 'text', 'tool_use'])
    const deltas = events.flatMap((event) => (event.type === 'content_block_delta' ? [event.delta] : []))
    const json = deltas.map((delta) => (delta.type === 'input_json_delta' ? delta.partial_json : '')).join('')
    expect(JSON.parse(json)).toEqual({ location: 'Paris' })
  })
})

describe('an error', () => {
  const refused = async (body: object, options: { apiKey?: string } = {}) =>
    client(options)
      .messages.create({ ...question, ...body })
      .then(
        () => expect.unreachable('it was accepted'),
        (error: unknown) => error as InstanceType<typeof Anthropic.APIError>,
      )

  it.each([
    ['tools[0].type', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['tools[0].input_schema', { tools: [{ name: 'f' }] }],
    ['tool_choice needs tools', { tool_choice: { type: 'any' } }],
    ['tool_choice.name', { tools, tool_choice: { type: 'tool', name: 'other' } }],
    ['mcp_servers', { mcp_servers: [{ type: 'url', url: 'https://x.example', name: 'x' }] }],
    ['max_tokens', { max_tokens: 0 }],
    ['messages is required', { messages: undefined }],
    ['thinking.type', { thinking: { type: 'sometimes' } }],
    [
      'messages[0].content[0]: image input is not supported',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }],
          },
        ],
      },
    ],
    [
      'a content block of type',
      {
        messages: [
          {
            role: 'user',
            content: [{ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } }],
          },
        ],
      },
    ],
    [
      'messages[0].content[0].content[1]: image input is not supported',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'tool_result',
                tool_use_id: 't',
                content: [
                  { type: 'text', text: 'a' },
                  { type: 'image', source: { type: 'url', url: 'https://x.example' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  ])('names %s', async (name, body) => {
    const error = await refused(body)
    expect(error).toBeInstanceOf(Anthropic.BadRequestError)
    expect(error.message).toContain(name)
    expect(error.error).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.any(String) },
      request_id: error.requestID,
    })
  })

  it('has the status and the type of the API', async () => {
    const key = await refused({}, { apiKey: 'wrong' })
    expect(key).toBeInstanceOf(Anthropic.AuthenticationError)
    expect(key).toMatchObject({ status: 401, type: 'authentication_error' })
    const model = await refused({ model: 'claude' })
    expect(model).toBeInstanceOf(Anthropic.NotFoundError)
    expect(model).toMatchObject({ status: 404, type: 'not_found_error' })
    const batches = await client()
      .messages.batches.list()
      .then(
        () => undefined,
        (error: unknown) => error,
      )
    expect(batches).toMatchObject({ status: 404, type: 'not_found_error' })
    const large = await refused({ system: 'x'.repeat(5_000_000) })
    expect(large).toMatchObject({ status: 413, type: 'request_too_large' })
    const json = await post(server, '/v1/messages', '{', { 'x-api-key': 'sk-test' })
    expect(json.status).toBe(400)
    expect(json.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })

  it('of a server that has too much to do says when to come again', async () => {
    const { server, engine } = serve({ maxQueue: 0, maxBatchSize: 0 })
    const body = { max_tokens: 4, messages: [{ role: 'user', content: 'Hello' }] }
    const full = await post(server, '/v1/messages', body)
    expect(full).toMatchObject({ status: 429, headers: { 'retry-after': '1' } })
    expect(full.json()).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } })
    await engine.drain(0)
    const closing = await post(server, '/v1/messages', body)
    expect(closing).toMatchObject({ status: 529, headers: { 'retry-after': '1' } })
    expect(closing.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } })
  })
})

describe('a body that means no good', () => {
  it('never causes a server error', async () => {
    const { server } = serve({ contextLength: 200 })
    const valid = {
      max_tokens: 2,
      system: [{ type: 'text', text: 'x' }],
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'a', content: 'x' }] },
      ],
      tools,
      tool_choice: { type: 'auto' },
      thinking: { type: 'enabled', budget_tokens: 5 },
      stop_sequences: ['a'],
      metadata: { user_id: 'u' },
      stream: false,
    }
    const key = fc.oneof(fc.constantFrom(...Object.keys(valid), '__proto__', 'constructor'), fc.string())
    const change = fc.tuple(key, fc.jsonValue({ maxDepth: 2 }))
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(change, { maxLength: 3 }).map((changes) => ({ ...valid, ...Object.fromEntries(changes) })),
      mutated(valid),
    )
    const path = fc.constantFrom('/v1/messages', '/v1/messages/count_tokens')
    await fc.assert(
      fc.asyncProperty(body, path, async (value, at) => {
        expect((await post(server, at, value)).status).toBeLessThan(500)
      }),
      { numRuns: runs(120, 500) },
    )
  })
})
