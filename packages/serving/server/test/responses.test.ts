/** POST /v1/responses through OpenAI's client, with scripted responses. */

import { createFakeEngine } from '@hadal/engine'
import type { ResponseEvent } from '@hadal/protocol'
import { SseDecoder } from '@hadal/protocol'
import { type ChoiceEvent, createServer } from '@hadal/server'
import fc from 'fast-check'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { anyAnswer, call, done, mutated, say, scripted, template, think } from './scripted.ts'
import { post, serve } from './serving.ts'

const script: { events: (ChoiceEvent | Error)[] } = { events: [] }
const server = createServer({
  engines: [createFakeEngine({ model: { id: 'nano' } })],
  apiKeys: ['sk-test'],
  layers: [scripted(script)],
})
let client: OpenAI
beforeAll(async () => {
  const { url } = await server.listen()
  client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-test', maxRetries: 0 })
})
afterAll(() => server.close())

const question = { model: 'nano', input: 'Tell me a story.' }
const tool: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather',
  parameters: { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] },
  strict: true,
}
const id = (prefix: string, index: number): unknown =>
  expect.stringMatching(`^${prefix}_[0-9a-f]{32}${index}$`)

type Numbered = ResponseEvent & { readonly sequence_number: number }

/** The events of a stream, each with its name and consecutive number, without a final [DONE]. */
async function eventsOf(body: object): Promise<Numbered[]> {
  const authorization = { authorization: 'Bearer sk-test' }
  const reply = await post(server, '/v1/responses', { ...question, ...body, stream: true }, authorization)
  return new SseDecoder().push(reply.body).map(({ event, data }, index) => {
    const value = JSON.parse(data) as Numbered
    expect(event).toBe(value.type)
    expect(value.sequence_number).toBe(index)
    return value
  })
}

describe('the answer', () => {
  it('has every field of the example in the API reference', async () => {
    script.events = [say('In a peaceful grove'), say(', a unicorn.'), done()]
    const answer = await client.responses.create(question)
    expect(answer).toEqual({
      id: expect.stringMatching(/^resp_[0-9a-f]{32}$/),
      object: 'response',
      created_at: expect.closeTo(Date.now() / 1000, -2),
      status: 'completed',
      completed_at: answer.created_at,
      background: false,
      error: null,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      model: 'nano',
      output: [
        {
          type: 'message',
          id: id('msg', 0),
          status: 'completed',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'In a peaceful grove, a unicorn.', annotations: [], logprobs: [] },
          ],
        },
      ],
      output_text: 'In a peaceful grove, a unicorn.',
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: 'default',
      store: false,
      temperature: null,
      text: { format: { type: 'text' }, verbosity: 'medium' },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
      usage: {
        input_tokens: 25,
        input_tokens_details: { cached_tokens: 10, cache_write_tokens: 0 },
        output_tokens: 15,
        output_tokens_details: { reasoning_tokens: 5 },
        total_tokens: 40,
      },
      user: null,
      metadata: {},
    })
  })

  it('repeats what was asked, but for what is not so', async () => {
    script.events = [say('Hi'), done()]
    const requested = {
      instructions: 'Be brief.',
      max_output_tokens: 50,
      metadata: { topic: 'demo' },
      parallel_tool_calls: false,
      prompt_cache_key: 'key',
      reasoning: { effort: 'low', summary: 'auto' } as const,
      safety_identifier: 'someone',
      temperature: 0.5,
      tool_choice: 'auto' as const,
      top_p: 0.9,
      user: 'user-1',
    }
    const answer = await client.responses.create({
      ...question,
      ...requested,
      tools: [tool],
      store: true,
      truncation: 'auto',
    })
    expect(answer).toMatchObject({ ...requested, tools: [tool], store: false, truncation: 'disabled' })
  })

  it('holds reasoning, text and calls in the order they were said', async () => {
    script.events = [
      think('Let me '),
      think('see.'),
      say('I look.'),
      ...call(0, 'call_1', 'get_weather', '{"location":', '"Paris"}'),
      ...call(1, 'call_2', 'get_time'),
      done('tool_calls'),
    ]
    const { output, status } = await client.responses.create({ ...question, tools: [tool] })
    expect(status).toBe('completed')
    expect(output).toEqual([
      {
        type: 'reasoning',
        id: id('rs', 0),
        status: 'completed',
        summary: [],
        content: [{ type: 'reasoning_text', text: 'Let me see.' }],
      },
      {
        type: 'message',
        id: id('msg', 1),
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'I look.', annotations: [], logprobs: [] }],
      },
      {
        type: 'function_call',
        id: id('fc', 2),
        status: 'completed',
        call_id: 'call_1',
        name: 'get_weather',
        arguments: '{"location":"Paris"}',
      },
      {
        type: 'function_call',
        id: id('fc', 3),
        status: 'completed',
        call_id: 'call_2',
        name: 'get_time',
        arguments: '',
      },
    ])
  })

  it.each([
    [done('length'), 'incomplete', { reason: 'max_output_tokens' }, 'incomplete'],
    [done('content_filter'), 'incomplete', { reason: 'content_filter' }, 'incomplete'],
    [done('insufficient_system_resource'), 'failed', null, 'incomplete'],
    [done('stop'), 'completed', null, 'completed'],
  ])('says how it ended: %#', async (end, status, incomplete_details, itemStatus) => {
    script.events = [say('one'), end]
    const completed_at = status === 'completed' ? expect.any(Number) : null
    const ended = { status, incomplete_details, completed_at, output: [{ status: itemStatus }] }
    expect(await client.responses.create(question)).toMatchObject(ended)
    const last = (await eventsOf({})).at(-1)!
    expect(last).toMatchObject({ type: `response.${status}`, response: ended })
  })

  it('has log-probabilities where they are included', async () => {
    const { server } = serve({ reply: 'Hi', model: { chatTemplate: template } })
    const body = { input: 'x', include: ['message.output_text.logprobs'], top_logprobs: 1 }
    const { json } = await post<OpenAI.Responses.Response>(server, '/v1/responses', body)
    const token = (text: string) => ({ token: text, logprob: Math.log(0.5), bytes: [...Buffer.from(text)] })
    const logprobs = ['H', 'i'].map((text) => ({ ...token(text), top_logprobs: [token(text)] }))
    expect(json().output).toMatchObject([{ content: [{ text: 'Hi', logprobs }] }])
    const streamed = await post(server, '/v1/responses', { ...body, stream: true })
    const events = new SseDecoder().push(streamed.body).map(({ data }) => JSON.parse(data))
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta')
    expect(deltas.flatMap((delta) => delta.logprobs)).toEqual(logprobs)
    expect(events.find(({ type }) => type === 'response.output_text.done').logprobs).toEqual(logprobs)
  })

  it('is parsed by the SDK', async () => {
    script.events = [say('{"name":"science fair",'), say('"day":5}'), done()]
    const event = z.object({ name: z.string(), day: z.number() })
    const text = { format: zodTextFormat(event, 'event') }
    const answer = await client.responses.parse({ ...question, text })
    expect(answer.output_parsed).toEqual({ name: 'science fair', day: 5 })
    expect(answer.text!.format).toMatchObject({ type: 'json_schema', name: 'event', strict: true })
  })
})

describe('the stream', () => {
  const message = (rest: object) => ({ item_id: id('msg', 0), output_index: 0, content_index: 0, ...rest })

  it('is that of the documented text example', async () => {
    script.events = [say('Hi'), say(' there!'), done()]
    const events = await eventsOf({})
    const part = { type: 'output_text', annotations: [], logprobs: [] }
    const item = { id: id('msg', 0), type: 'message', role: 'assistant' }
    const begun = { status: 'in_progress', output: [], usage: null, completed_at: null }
    expect(events).toMatchObject([
      { type: 'response.created', response: begun },
      { type: 'response.in_progress', response: begun },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', content: [] },
      },
      message({ type: 'response.content_part.added', part: { ...part, text: '' } }),
      message({ type: 'response.output_text.delta', delta: 'Hi', logprobs: [] }),
      message({ type: 'response.output_text.delta', delta: ' there!', logprobs: [] }),
      message({ type: 'response.output_text.done', text: 'Hi there!', logprobs: [] }),
      message({ type: 'response.content_part.done', part: { ...part, text: 'Hi there!' } }),
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...item, status: 'completed', content: [{ ...part, text: 'Hi there!' }] },
      },
      {
        type: 'response.completed',
        response: { status: 'completed', output: [item], usage: { total_tokens: 40 } },
      },
    ])
    const ids = events.flatMap((event) => ('response' in event ? [event.response.id] : []))
    expect(new Set(ids).size).toBe(1)
  })

  it('is that of the documented function call', async () => {
    script.events = [...call(0, 'call_1', 'get_weather', '{"location":', '"Paris"}'), done('tool_calls')]
    const item = { type: 'function_call', id: id('fc', 0), call_id: 'call_1', name: 'get_weather' }
    const of = { item_id: id('fc', 0), output_index: 0 }
    const args = '{"location":"Paris"}'
    expect((await eventsOf({ tools: [tool] })).slice(2, -1)).toMatchObject([
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...item, status: 'in_progress', arguments: '' },
      },
      { type: 'response.function_call_arguments.delta', ...of, delta: '{"location":' },
      { type: 'response.function_call_arguments.delta', ...of, delta: '"Paris"}' },
      { type: 'response.function_call_arguments.done', ...of, name: 'get_weather', arguments: args },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...item, status: 'completed', arguments: args },
      },
    ])
  })

  it('has reasoning as text, or as a summary when requested', async () => {
    script.events = [think('a'), think('b'), say('c'), done()]
    const of = { item_id: id('rs', 0), output_index: 0 }
    const inContent = { ...of, content_index: 0 }
    expect((await eventsOf({})).slice(2, 8)).toMatchObject([
      { type: 'response.output_item.added', item: { type: 'reasoning', summary: [], content: [] } },
      { type: 'response.content_part.added', ...inContent, part: { type: 'reasoning_text', text: '' } },
      { type: 'response.reasoning_text.delta', ...inContent, delta: 'a' },
      { type: 'response.reasoning_text.delta', ...inContent, delta: 'b' },
      { type: 'response.reasoning_text.done', ...inContent, text: 'ab' },
      { type: 'response.content_part.done', ...inContent, part: { type: 'reasoning_text', text: 'ab' } },
    ])
    const inSummary = { ...of, summary_index: 0 }
    expect((await eventsOf({ reasoning: { summary: 'auto' } })).slice(2, 9)).toMatchObject([
      { type: 'response.output_item.added', item: { type: 'reasoning', summary: [], content: [] } },
      {
        type: 'response.reasoning_summary_part.added',
        ...inSummary,
        part: { type: 'summary_text', text: '' },
      },
      { type: 'response.reasoning_summary_text.delta', ...inSummary, delta: 'a' },
      { type: 'response.reasoning_summary_text.delta', ...inSummary, delta: 'b' },
      { type: 'response.reasoning_summary_text.done', ...inSummary, text: 'ab' },
      {
        type: 'response.reasoning_summary_part.done',
        ...inSummary,
        part: { type: 'summary_text', text: 'ab' },
      },
      {
        type: 'response.output_item.done',
        item: { type: 'reasoning', summary: [{ type: 'summary_text', text: 'ab' }], content: [] },
      },
    ])
  })

  it('is read by the helper of the SDK', async () => {
    script.events = [think('Hm.'), say('Grüße, '), say('世界! 😀'), done()]
    let text = ''
    const stream = client.responses
      .stream(question)
      .on('response.output_text.delta', ({ delta, snapshot }) => {
        text += delta
        expect(snapshot).toBe(text)
      })
    const final = await stream.finalResponse()
    expect(text).toBe('Grüße, 世界! 😀')
    expect(final.output_text).toBe(text)
    expect(final.output[0]).toMatchObject({ type: 'reasoning', content: [{ text: 'Hm.' }] })
  })

  it('adds up to the answer, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(anyAnswer, fc.boolean(), async (events, summarizes) => {
        script.events = events
        const requested = { ...question, ...(summarizes && { reasoning: { summary: 'auto' as const } }) }
        const whole = await client.responses.create(requested)
        const streamed = await eventsOf(requested)
        const last = streamed.at(-1)!
        if (!('response' in last)) throw new Error(`the stream ends with ${last.type}`)
        const items = streamed.flatMap((event) =>
          event.type === 'response.output_item.done' ? [event.item] : [],
        )
        expect(withoutIds(items)).toEqual(withoutIds(whole.output))
        expect(withoutIds(last.response.output)).toEqual(withoutIds(whole.output))
        expect(added(streamed)).toEqual(items.map(textOf))
        expect(last.response).toMatchObject({ status: whole.status, usage: whole.usage })
        const final = await client.responses.stream(requested).finalResponse()
        expect(final.output_text).toBe(whole.output_text)
      }),
      { numRuns: runs(30, 100) },
    )
  })

  it('says an error of its middle, and ends as failed', async () => {
    script.events = [say('Hel'), new Error('a fault')]
    const [error, failed] = (await eventsOf({})).slice(-2)
    expect(error).toMatchObject({ type: 'error', code: 'internal_error', param: null })
    expect(failed).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: expect.any(String) } },
    })
    const helper = client.responses.stream(question).finalResponse()
    await expect(helper).rejects.toMatchObject({ type: 'error', code: 'internal_error' })
  })
})

const withoutIds = (items: readonly object[]): object[] => items.map((item) => ({ ...item, id: '' }))

/** The concatenated deltas of each item. */
function added(events: readonly Numbered[]): string[] {
  const texts: string[] = []
  for (const event of events) {
    if (event.type === 'response.output_item.added') texts.push('')
    else if ('delta' in event) texts[event.output_index] += event.delta
  }
  return texts
}

function textOf(item: { type: string } & object): string {
  const {
    arguments: args,
    summary,
    content,
  } = item as {
    arguments?: string
    summary?: { text: string }[]
    content?: { text: string }[]
  }
  return args ?? [...(summary ?? []), ...(content ?? [])].map(({ text }) => text).join('')
}

describe('the input', () => {
  const promptOf = async (body: object): Promise<string> => {
    const { server, engine } = serve({ model: { chatTemplate: template } })
    const reply = await post(server, '/v1/responses', { max_output_tokens: 4, ...body })
    expect(reply).toMatchObject({ status: 200 })
    return engine.seen[0]!.prompt
  }

  it('is a text, or messages with text parts', async () => {
    expect(await promptOf({ input: 'Hello', instructions: 'Be brief.' })).toContain(
      'system():Be brief.\nuser():Hello\n',
    )
    const input = [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'Hel' },
          { type: 'input_text', text: 'lo' },
        ],
      },
      {
        type: 'message',
        id: 'msg_1',
        status: 'completed',
        role: 'assistant',
        content: [{ type: 'output_text', text: 'Hi!', annotations: [], logprobs: [] }],
      },
      { type: 'message', role: 'user', content: 'And you?' },
    ]
    expect(await promptOf({ input })).toContain(
      'system():Be brief.\nuser():Hello\nassistant():Hi!\nuser():And you?\n',
    )
  })

  it('is what an earlier answer put out, and the results of its calls', async () => {
    script.events = [
      think('Look.'),
      say('One moment.'),
      ...call(0, 'call_1', 'get_weather', '{"location":"Paris"}'),
      done('tool_calls'),
    ]
    for (const more of [
      {},
      { include: ['reasoning.encrypted_content' as const] },
      { reasoning: { summary: 'auto' as const } },
    ]) {
      const { output } = await client.responses.create({ ...question, ...more, tools: [tool] })
      const results = {
        type: 'function_call_output',
        call_id: 'call_1',
        output: [{ type: 'input_text', text: 'sunny' }],
      }
      const prompt = await promptOf({
        input: [{ role: 'user', content: 'Weather?' }, ...output, results],
        tools: [tool],
      })
      expect(prompt.replaceAll(' ', '')).toContain(
        'assistant(Look.):Onemoment.<tool_call>get_weather{"location":"Paris"}</tool_call>\ntool():sunny\n',
      )
    }
  })

  it('may refer to the items of an earlier answer, unless it was not to be stored', async () => {
    const { server, engine } = serve(
      { model: { chatTemplate: template } },
      {
        layers: [
          (next) => (generation, signal) =>
            (script.events.length > 0 ? scripted(script)(next) : next)(generation, signal),
        ],
      },
    )
    for (const store of [undefined, true, false]) {
      script.events = [
        think('Look.'),
        say('Hm.'),
        ...call(0, 'call_1', 'get_weather', '{}'),
        done('tool_calls'),
      ]
      const first = await post<OpenAI.Responses.Response>(server, '/v1/responses', {
        input: 'Hi',
        tools: [tool],
        store,
      })
      script.events = []
      const references = first.json().output.map((item) => ({ type: 'item_reference', id: item.id }))
      const results = { type: 'function_call_output', call_id: 'call_1', output: 'sunny' }
      const body = { input: [{ role: 'user', content: 'Hi' }, ...references, results], tools: [tool] }
      const { status, json } = await post(server, '/v1/responses', body)
      if (store === false)
        expect(json().error).toMatchObject({ param: 'input[1].id', code: 'invalid_request' })
      else {
        expect(status).toBe(200)
        expect(engine.seen.at(-1)!.prompt).toContain(
          'assistant(Look.):Hm.<tool_call>get_weather{}</tool_call>\ntool():sunny',
        )
      }
    }
  })

  it('are stored for the API key that received them, and for no other', async () => {
    const keys = ['sk-one', 'sk-two']
    const { server } = serve({ reply: 'ok' }, { apiKeys: keys })
    const respond = (body: object, key: string) =>
      post<OpenAI.Responses.Response>(server, '/v1/responses', body, { authorization: `Bearer ${key}` })
    const [item] = (await respond({ input: 'Hi' }, keys[0]!)).json().output
    const statuses = keys.map(
      async (key) => (await respond({ input: [{ type: 'item_reference', id: item!.id }] }, key)).status,
    )
    expect(await Promise.all(statuses)).toEqual([200, 400])
  })

  it('may be whatever the SDK made of an answer, on a server that is strict about fields', async () => {
    const { server } = serve({}, { strictParameters: true })
    script.events = [
      think('Look.'),
      say('Hm.'),
      ...call(0, 'call_1', 'get_weather', '{}'),
      done('tool_calls'),
    ]
    const { output } = await client.responses.stream({ ...question, tools: [tool] }).finalResponse()
    const results = { type: 'function_call_output', call_id: 'call_1', output: 'sunny' }
    const { status } = await post(server, '/v1/responses', { input: [...output, results], tools: [tool] })
    expect(status).toBe(200)
  })

  it('may hold a thought only as its opaque string', async () => {
    script.events = [think('Look.'), say('Hi'), done()]
    const { output } = await client.responses.create({
      ...question,
      include: ['reasoning.encrypted_content'],
    })
    const { encrypted_content } = output[0] as OpenAI.Responses.ResponseReasoningItem
    const reasoning = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content }
    const input = [
      { role: 'user', content: 'Hello' },
      reasoning,
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: '?' },
    ]
    expect(await promptOf({ input })).toContain('assistant(Look.):Hi\n')
    expect(
      await promptOf({
        input: input.map((item) =>
          item === reasoning ? { ...reasoning, encrypted_content: 'gAAAAABo' } : item,
        ),
      }),
    ).toContain('assistant():Hi\n')
  })

  it('sets what the engine does', async () => {
    const { server, engine } = serve()
    const body = {
      input: 'x',
      max_output_tokens: 7,
      temperature: 0.5,
      top_p: 0.9,
      top_logprobs: 3,
      seed: 5,
      stop: 'END',
    }
    expect((await post(server, '/responses', body)).status).toBe(200)
    const { request } = engine.seen[0]!
    expect(request).toMatchObject({
      maxTokens: 7,
      topLogprobs: 3,
      sampling: { temperature: 0.5, topP: 0.9, seed: 5 },
    })
    expect(request.stop).toContain('END')
  })

  it('is held to a schema by a grammar', async () => {
    const { server, engine } = serve()
    const schema = {
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    }
    for (const format of [{ type: 'json_object' }, { type: 'json_schema', name: 'x', schema }])
      expect((await post(server, '/v1/responses', { input: 'x', text: { format } })).status).toBe(200)
    for (const { request } of engine.seen) expect(request.grammar!.gbnf).toContain('root ::=')
  })

  it('is counted', async () => {
    const { server } = serve({ model: { chatTemplate: template } })
    const counted = await post(server, '/v1/responses/input_tokens', { input: 'Hello' })
    expect(counted.json()).toEqual({ object: 'response.input_tokens', input_tokens: 'user():Hello\n'.length })
    expect(
      (await client.responses.inputTokens.count({ model: 'nano', input: 'Hello' })).input_tokens,
    ).toBeGreaterThan(5)
  })
})

describe('a model that thinks and calls', () => {
  const said =
    '<think>\nLook.\n</think>\n\nOne moment.\n<tool_call>\n{"name": "get_weather", "arguments": {"location": "Paris"}}\n</tool_call>'

  it('is understood, and remembered by its calls where the client drops its thoughts', async () => {
    const { server, engine } = serve({ reply: said, model: { chatTemplate: template } })
    const body = { input: 'Weather?', tools: [tool] }
    const { json } = await post<OpenAI.Responses.Response>(server, '/v1/responses', body)
    const { output } = json()
    expect(output).toMatchObject([
      { type: 'reasoning', content: [{ text: 'Look.' }] },
      { type: 'message', content: [{ text: 'One moment.' }] },
      { type: 'function_call', name: 'get_weather' },
    ])
    const call = output[2] as OpenAI.Responses.ResponseFunctionToolCall
    expect(JSON.parse(call.arguments)).toEqual({ location: 'Paris' })
    const results = { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }
    const input = [{ role: 'user', content: 'Weather?' }, call, results]
    expect((await post(server, '/v1/responses', { ...body, input })).status).toBe(200)
    expect(engine.seen[1]!.prompt).toContain('assistant(Look.):<tool_call>')
  })
})

describe('an error', () => {
  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }],
    ['conversation', { conversation: 'conv_1' }],
    ['background', { background: true }],
    ['prompt', { prompt: { id: 'pmpt_1' } }],
    ['tools[0].type', { tools: [{ type: 'web_search' }] }],
    ['tools[0].name', { tools: [{ type: 'function' }] }],
    ['tool_choice', { tool_choice: 'required' }],
    ['tool_choice.name', { tools: [tool], tool_choice: { type: 'function', name: 'other' } }],
    ['tool_choice.type', { tools: [tool], tool_choice: { type: 'file_search' } }],
    [
      'tool_choice.tools[0].name',
      {
        tools: [tool],
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'other' }] },
      },
    ],
    ['input', { input: undefined }],
    [
      'input[0].content[0]',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] }] },
    ],
    ['input[0].content[0].text', { input: [{ role: 'user', content: [{ type: 'input_text' }] }] }],
    ['input[0].id', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['input[0]', { input: [{ type: 'web_search_call', id: 'ws_1' }] }],
    ['input[1].type', { input: [{ role: 'user', content: 'x' }, { type: 'x' }] }],
    ['include[0]', { include: ['everything'] }],
    ['text.format.type', { text: { format: { type: 'xml' } } }],
    [
      'text.format.schema',
      { text: { format: { type: 'json_schema', name: 'x', schema: { type: 'nothing' } } } },
    ],
    ['max_output_tokens', { max_output_tokens: 0 }],
    ['reasoning.effort', { reasoning: { effort: 'some' } }],
  ])('names %s', async (param, body) => {
    const asking = client.responses.create({
      ...question,
      ...body,
    } as OpenAI.Responses.ResponseCreateParamsNonStreaming)
    await expect(asking).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    await expect(asking).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param })
  })

  it('says that no response is stored', async () => {
    const missing = { status: 404, code: 'response_not_stored', type: 'invalid_request_error' }
    await expect(client.responses.retrieve('resp_1')).rejects.toMatchObject(missing)
    await expect(client.responses.delete('resp_1')).rejects.toMatchObject(missing)
    await expect(client.responses.cancel('resp_1')).rejects.toMatchObject(missing)
    await expect(client.responses.inputItems.list('resp_1')).rejects.toMatchObject(missing)
  })
})

describe('a body that means no good', () => {
  it('never causes a server error', async () => {
    const { server } = serve({ contextLength: 200 })
    const valid = {
      instructions: 'x',
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
        { type: 'reasoning', id: 'rs', summary: [], content: [{ type: 'reasoning_text', text: 'x' }] },
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: 'x' },
      ],
      tools: [tool],
      tool_choice: { type: 'function', name: 'get_weather' },
      text: { format: { type: 'text' } },
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      max_output_tokens: 2,
      metadata: { a: 'b' },
      stream: false,
    }
    const key = fc.oneof(fc.constantFrom(...Object.keys(valid), '__proto__', 'constructor'), fc.string())
    const change = fc.tuple(key, fc.jsonValue({ maxDepth: 2 }))
    const body = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(change, { maxLength: 3 }).map((changes) => ({ ...valid, ...Object.fromEntries(changes) })),
      mutated(valid),
    )
    const path = fc.constantFrom('/v1/responses', '/v1/responses/input_tokens')
    await fc.assert(
      fc.asyncProperty(body, path, async (value, at) => {
        expect((await post(server, at, value)).status).toBeLessThan(500)
      }),
      { numRuns: runs(120, 500) },
    )
  })
})
