/**
 * Anthropic messages from the bundled model: what llama-server's tests of this route expect
 * (tools/server/tests/unit/test_compat_anthropic.py). Images are rejected with 400 here instead of 500.
 */

import Anthropic from '@anthropic-ai/sdk'
import {
  type AnthropicEvent,
  type AnthropicMessage,
  type AnthropicTokenCount,
  SseDecoder,
} from '@hadal/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { serveNano } from './nano.ts'
import { template } from './scripted.ts'
import { post, serve } from './serving.ts'

const server = serveNano()

const answer = (body: object) =>
  post<AnthropicMessage>(server, '/v1/messages', { model: 'test', max_tokens: 12, temperature: 0, ...body })
const user = (content: unknown) => ({ role: 'user', content })
const hello = [user('Say hello')]
const weather = {
  name: 'get_weather',
  description: 'Get the current weather in a location',
  input_schema: {
    type: 'object',
    properties: { location: { type: 'string', description: 'City name' } },
    required: ['location'],
  },
}
const use = { type: 'tool_use', id: 'test123', name: 'get_weather', input: { location: 'Paris' } }
const requested = [user("What's the weather?"), { role: 'assistant', content: [use] }]
const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }

describe('a message', () => {
  it('has the shape of the API', async () => {
    const { status, json } = await answer({ messages: hello })
    expect(status).toBe(200)
    const body = json()
    expect(body).toMatchObject({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'text', text: expect.stringMatching(/\w/) }],
      usage: {
        cache_read_input_tokens: expect.any(Number),
        input_tokens: expect.any(Number),
        output_tokens: expect.any(Number),
      },
    })
    expect(['end_turn', 'max_tokens']).toContain(body.stop_reason)
    expect(body.usage.output_tokens).toBeGreaterThan(0)
    expect(body).not.toHaveProperty('timings')
    expect(body).not.toHaveProperty('choices')
  })

  it.each([
    ['a system prompt', { system: 'You are a helpful assistant.', messages: [user('Hello')] }],
    [
      'several parts',
      {
        messages: [
          user([
            { type: 'text', text: 'What is' },
            { type: 'text', text: ' the answer?' },
          ]),
        ],
      },
    ],
    [
      'several turns',
      { messages: [user('Hello'), { role: 'assistant', content: 'Hi there!' }, user('How are you?')] },
    ],
    ['no messages', { messages: [] }],
    ['stop sequences', { messages: [user('Count to 10')], stop_sequences: ['\n', 'END'] }],
    ['a temperature', { messages: hello, temperature: 0.5 }],
    ['top_p', { messages: hello, top_p: 0.9 }],
    ['top_k', { messages: hello, top_k: 40 }],
    ['metadata', { messages: hello, metadata: { user_id: 'test_user_123' } }],
    ['thinking', { messages: [user('What is 2+2?')], thinking: { type: 'enabled', budget_tokens: 50 } }],
    [
      'the result of a tool',
      {
        messages: [...requested, user([{ type: 'tool_result', tool_use_id: 'test123', content: 'sunny, 25°C' }])],
      },
    ],
    [
      'the result of a tool, and text',
      {
        messages: [
          ...requested,
          user([
            { type: 'text', text: 'Here:' },
            { type: 'tool_result', tool_use_id: 'test123', content: 'sunny' },
          ]),
        ],
      },
    ],
    [
      'the error of a tool',
      {
        messages: [
          ...requested,
          user([{ type: 'tool_result', tool_use_id: 'test123', is_error: true, content: 'City not found' }]),
        ],
      },
    ],
  ])('answers %s', async (_, body) => {
    const { status, json } = await answer(body)
    expect(status).toBe(200)
    expect(json().type).toBe('message')
    expect(json().content[0]?.type ?? 'text').toBe('text')
  })

  it('may call a tool', async () => {
    const { status, json } = await answer({
      messages: [user("What's the weather in Paris?")],
      tools: [weather],
    })
    expect(status).toBe(200)
    expect(json().content.length).toBeGreaterThan(0)
  })

  it('must call one where it has to, with arguments that hold to the schema', async () => {
    const { json } = await answer({
      max_tokens: 200,
      messages: [user("What's the weather in Paris?")],
      tools: [
        {
          ...weather,
          input_schema: {
            ...weather.input_schema,
            properties: { location: { enum: ['Paris', 'Rome'] } },
            additionalProperties: false,
          },
        },
      ],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    })
    const { content, stop_reason } = json()
    expect(stop_reason).toBe('tool_use')
    expect(content).toEqual([
      {
        type: 'tool_use',
        id: expect.stringMatching(/\w/),
        name: 'get_weather',
        input: { location: expect.stringMatching(/^(Paris|Rome)$/) },
        caller: { type: 'direct' },
      },
    ])
  })

  it('is refused with images, and without messages', async () => {
    const inResult = user([
      {
        type: 'tool_result',
        tool_use_id: 'test123',
        content: [{ type: 'text', text: 'File: test.png' }, image],
      },
    ])
    for (const messages of [[user([image, { type: 'text', text: 'What is this?' }])], [...requested, inResult]]) {
      const { status, body } = await answer({ messages })
      expect(status).toBe(400)
      expect(body).toContain('image input is not supported')
    }
    expect((await answer({})).status).toBe(400)
  })
})

describe('a stream', () => {
  const eventsOf = async (body: object): Promise<AnthropicEvent[]> =>
    new SseDecoder().push((await answer({ ...body, stream: true })).body).map(({ data }) => JSON.parse(data))

  it('has the events of the API', async () => {
    const events = await eventsOf({ messages: hello })
    const first = <Type extends AnthropicEvent['type']>(type: Type) =>
      events.find((event) => event.type === type) as Extract<AnthropicEvent, { type: Type }>
    const { message } = first('message_start')
    expect(message).toMatchObject({ type: 'message', role: 'assistant', content: [] })
    expect(message.usage.input_tokens).toBeGreaterThan(0)
    expect(first('content_block_start')).toMatchObject({ index: 0, content_block: { type: 'text' } })
    const deltas = events.filter((event) => event.type === 'content_block_delta')
    expect(deltas.length).toBeGreaterThan(0)
    for (const event of deltas)
      expect(event).toMatchObject({ index: 0, delta: { type: 'text_delta', text: expect.any(String) } })
    expect(first('content_block_stop')).toEqual({ type: 'content_block_stop', index: 0 })
    expect(['end_turn', 'max_tokens']).toContain(first('message_delta').delta.stop_reason)
    expect(first('message_delta').usage.output_tokens).toBeGreaterThan(0)
    expect(events.at(-1)).toEqual({ type: 'message_stop' })
  })

  it('counts its blocks, tools among them', async () => {
    const forced = { max_tokens: 200, tools: [weather], tool_choice: { type: 'tool', name: 'get_weather' } }
    const events = await eventsOf({ messages: [user('Use the tool')], ...forced })
    const starts = events.filter((event) => event.type === 'content_block_start')
    expect(starts.map(({ index }) => index)).toEqual(starts.map((_, index) => index))
    expect(starts.some(({ content_block: { type } }) => type === 'tool_use')).toBe(true)
    const stops = events.filter((event) => event.type === 'content_block_stop')
    expect(stops.map(({ index }) => index)).toEqual(starts.map(({ index }) => index))
  })
})

describe('a prompt that is too long', () => {
  it('is refused before a stream begins', async () => {
    const { status, headers, json } = await answer({
      messages: [user('one two three '.repeat(2000))],
      stream: true,
    })
    expect(status).toBe(400)
    expect(headers['content-type']).toContain('application/json')
    expect(json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  })
})

describe('counting', () => {
  const count = (body: object, at = server) =>
    post<AnthropicTokenCount>(at, '/v1/messages/count_tokens', { model: 'fake', ...body })

  it('needs no max_tokens, and says nothing but the length of the prompt', async () => {
    const short = (await count({ messages: [user('Hello world')] })).json()
    expect(short).toEqual({ input_tokens: expect.any(Number) })
    expect(short.input_tokens).toBeGreaterThan(0)
    const system = (
      await count({ system: 'You are a helpful assistant.', messages: [user('Hello world')] })
    ).json()
    expect(system.input_tokens).toBeGreaterThan(short.input_tokens)
  })

  it('is what the answer says of its prompt', async () => {
    const messages = [user('What is a kettle?')]
    const { usage } = (await answer({ messages })).json()
    const { input_tokens } = (await count({ messages })).json()
    expect(usage.input_tokens + usage.cache_read_input_tokens).toBe(input_tokens)
  })

  it('counts the thoughts between calls', async () => {
    const { server } = serve({ model: { chatTemplate: template } })
    const result = user([{ type: 'tool_result', tool_use_id: 'test123', content: 'main.py' }])
    const thought = { type: 'thinking', thinking: 'I should check the project structure first.' }
    const turns = (...content: object[]) => [user('Fix the bug'), { role: 'assistant', content }, result]
    const without = (await count({ messages: turns(use), tools: [weather] }, server)).json()
    const withThought = (await count({ messages: turns(thought, use), tools: [weather] }, server)).json()
    expect(withThought.input_tokens).toBeGreaterThan(without.input_tokens)
  })
})

describe("Anthropic's client", () => {
  let client: Anthropic
  beforeAll(async () => {
    client = new Anthropic({ baseURL: (await server.listen()).url, apiKey: 'unused', maxRetries: 0 })
  })
  const question: Anthropic.MessageCreateParamsNonStreaming = {
    model: 'nano',
    max_tokens: 48,
    messages: [{ role: 'user', content: 'What is a kettle?' }],
  }

  it('hears the same text whole and streamed', async () => {
    // Types of newer models omit it.
    const greedy = { ...question, temperature: 0 }
    const { content } = await client.messages.create(greedy)
    expect(content).toMatchObject([{ type: 'text', text: expect.stringMatching(/kettle/i) }])
    const streamed = await client.messages.stream(greedy).finalMessage()
    expect(streamed.content).toEqual(content)
  })

  it('gets JSON of a schema', async () => {
    const schema = {
      type: 'object',
      properties: { color: { enum: ['red', 'blue'] } },
      required: ['color'],
      additionalProperties: false,
    }
    const { content } = await client.messages.create({
      ...question,
      output_config: { format: { type: 'json_schema', schema } },
    })
    const [block] = content
    expect(JSON.parse(block?.type === 'text' ? block.text : '')).toEqual({
      color: expect.stringMatching(/^(red|blue)$/),
    })
  })
})
