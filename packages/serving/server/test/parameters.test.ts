/** Unknown fields and wrong types: named, rejected, and never a server error. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { coder, weatherTool } from './chat-models.ts'
import { mutated } from './scripted.ts'
import { chat, complete, post, serve, user } from './serving.ts'

describe('an unknown field', () => {
  it('is ignored, and named in headers', async () => {
    const { server } = serve({ reply: 'x' })
    const { status, headers } = await chat(server, {
      messages: [{ role: 'user', content: 'hi', mood: 'good' }],
      tools: [{ ...weatherTool, function: { ...weatherTool.function, color: 1 } }],
      stream_options: null,
      tempurature: 1,
      'bad name\r\n': 1,
    })
    expect(status).toBe(200)
    const names = 'messages[0].mood, tools[0].function.color, tempurature, bad?name??'
    expect(headers['x-hadal-ignored-parameters']).toBe(names)
    expect(headers.warning).toBe(`299 hadal "ignored parameters: ${names}"`)
    const known = await chat(server, user('hi'))
    expect(known.headers).not.toHaveProperty('x-hadal-ignored-parameters')
    const completion = await complete(server, { prompt: 'x', best: 1, stream: true })
    expect(completion.headers['x-hadal-ignored-parameters']).toBe('best')
  })

  it('may be anything within what is data', async () => {
    const { server } = serve({ reply: 'x' })
    const { headers } = await chat(server, {
      ...user('hi'),
      metadata: { any: 'thing' },
      chat_template_kwargs: { any: 'thing' },
      tools: [weatherTool],
      logit_bias: { 5: 1 },
    })
    expect(headers).not.toHaveProperty('x-hadal-ignored-parameters')
  })

  it('is refused by a strict server, with all of its kind', async () => {
    const { server, engine } = serve({ reply: 'x' }, { strictParameters: true })
    const { status, json } = await chat(server, { ...user('hi'), tempurature: 1, mood: 1 } as object)
    expect(status).toBe(400)
    expect((json() as unknown as { error: object }).error).toEqual({
      message: expect.stringMatching(/^unknown parameter: tempurature, mood\. /),
      type: 'invalid_request_error',
      param: 'tempurature',
      code: 'unknown_parameter',
    })
    expect(engine.seen).toHaveLength(0)
    expect((await chat(server, user('hi'))).status).toBe(200)
  })
})

describe('a value of the wrong kind', () => {
  const chatFields: Readonly<Record<string, object>> = {
    messages: { messages: 'hi' },
    'messages[0]': { messages: [123] },
    'messages[0].role': { messages: [{ role: 'robot', content: 'hi' }] },
    'messages[0].content': { messages: [{ role: 'system', content: 123 }] },
    'messages[0].content[0].type': {
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,' } }] }],
    },
    'messages[1].tool_call_id': {
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'tool', content: 'x' },
      ],
    },
    temperature: { temperature: 'hot' },
    top_p: { top_p: 2 },
    top_k: { top_k: 1.5 },
    max_tokens: { max_tokens: 0 },
    max_completion_tokens: { max_completion_tokens: '9' },
    n: { n: 0 },
    stop: { stop: 5 },
    'stop_token_ids[0]': { stop_token_ids: [-1] },
    seed: { seed: 'x' },
    'logit_bias.x': { logit_bias: { x: 1 } },
    stream: { stream: 'yes' },
    stream_options: { stream_options: { include_usage: true } },
    top_logprobs: { top_logprobs: 3 },
    logprobs: { logprobs: 5 },
    'samplers[0]': { samplers: ['magic'] },
    thinking: { thinking: true },
    reasoning_effort: { reasoning_effort: 'huge' },
    tools: { tools: {} },
    tool_choice: { tool_choice: 'always' },
    response_format: { response_format: 'json' },
    mirostat: { mirostat: 3 },
    'lora[0].scale': { lora: [{ id: 0, scale: 'x' }] },
    user_id: { user_id: 5 },
  }

  it.each(Object.entries(chatFields))('is refused by its place in a chat: %s', async (param, fields) => {
    const { server, engine } = serve({ reply: 'x' })
    const { status, body } = await chat(server, { ...user('hi'), ...fields })
    expect([status, JSON.parse(body).error?.param], body).toEqual([400, param])
    expect(JSON.parse(body).error).toEqual({
      message: expect.stringContaining(param),
      type: 'invalid_request_error',
      param,
      code: 'invalid_request',
    })
    expect(engine.seen).toHaveLength(0)
  })

  it.each([
    ['prompt', { prompt: 5 }],
    ['prompt', { prompt: [] }],
    ['prompt', { prompt: ['a', 5] }],
    ['prompt', {}],
    ['logprobs', { prompt: 'a', logprobs: true }],
    ['echo', { prompt: 'a', echo: 'yes' }],
    ['best_of', { prompt: 'a', best_of: 0 }],
    ['suffix', { prompt: 'a', suffix: 5 }],
    ['max_tokens', { prompt: 'a', max_tokens: -2 }],
  ])('is refused by its place in a completion: %s', async (param, body) => {
    const { server } = serve({ reply: 'x' })
    const answer = await complete(server, body)
    expect([answer.status, JSON.parse(answer.body).error?.param], answer.body).toEqual([400, param])
  })

  it('names image content as unsupported', async () => {
    const { server } = serve()
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'x' } },
    ]
    const { body } = await chat(server, { messages: [{ role: 'user', content }] })
    expect(JSON.parse(body).error.message).toMatch(
      /content\[1\]\.type must be "text" \(images, audio and files are not read here\)/,
    )
  })

  it('is refused where it nests too deep, also as the text of a schema or of arguments', async () => {
    const { server } = serve({ reply: 'x', model: coder })
    const deep = (open: string, close: string): string => `${open.repeat(9_000)}{}${close.repeat(9_000)}`
    const items = deep('{"items":', '}')
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: items } }
    for (const body of [
      { ...user('hi'), guided_json: items },
      { ...user('hi'), structured_outputs: { json: deep('{"anyOf":[', ']}') } },
      { ...user('hi'), json_schema: 'DEEP' },
      { ...user('hi'), chat_template_kwargs: 'DEEP' },
      { ...user('hi'), tools: [{ ...weatherTool, function: { name: 'f', parameters: 'DEEP' } }] },
      { ...user('hi'), guided_regex: deep('(', ')') },
      { ...user('hi'), grammar: `root ::= ${deep('(', ')')}` },
      {
        messages: [
          { role: 'assistant', tool_calls: [call] },
          { role: 'tool', tool_call_id: 'a', content: '1' },
        ],
      },
    ])
      expect((await chat(server, JSON.stringify(body).replace('"DEEP"', items))).status).toBe(400)
  })

  it('never causes a server error, wherever it is', async () => {
    const { server } = serve({ reply: 'x', model: coder, contextLength: 2000 })
    const wholeChat = {
      model: 'coder',
      messages: [
        { role: 'system', content: [{ type: 'text', text: 'a' }] },
        { role: 'user', content: 'hi', name: 'ann' },
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'hm',
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
        },
        { role: 'tool', tool_call_id: 'a', content: '1' },
        { role: 'assistant', content: 'so', prefix: true },
      ],
      tools: [weatherTool],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
      stop: ['a'],
      logit_bias: { 5: 1 },
      n: 2,
      seed: 1,
      logprobs: true,
      top_logprobs: 2,
      thinking: { type: 'enabled', budget_tokens: 5 },
      chat_template_kwargs: { a: [1] },
      stream: true,
      stream_options: { include_usage: true },
    }
    const formatted = {
      ...user('hi'),
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'x',
          schema: {
            type: 'object',
            properties: { a: { anyOf: [{ type: 'string', pattern: '^a+$' }, { $ref: '#/$defs/b' }] } },
            $defs: { b: { type: 'array', items: { enum: [1, 'x', null] }, maxItems: 3 } },
            required: ['a'],
          },
        },
      },
    }
    const completion = {
      prompt: [[1, 2], [3]],
      suffix: 'b',
      n: 1,
      best_of: 2,
      echo: true,
      logprobs: 1,
      lora: [],
    }
    const legacy = {
      ...user('hi'),
      functions: [weatherTool.function],
      function_call: { name: 'get_weather' },
    }
    const bodies = [
      ['/v1/chat/completions', wholeChat],
      ['/beta/chat/completions', wholeChat],
      ['/chat/completions', formatted],
      ['/v1/chat/completions', legacy],
      ['/chat/completions/input_tokens', wholeChat],
      ['/v1/completions', completion],
      ['/beta/completions', completion],
      ['/completions', completion],
    ] as const
    for (const [path, body] of bodies)
      await fc.assert(
        fc.asyncProperty(mutated(body), async (value) => {
          const { status, body: answer } = await post(server, path, value)
          expect(status, answer).toBeLessThan(500)
          if (status !== 200) expect(JSON.parse(answer).error.message).toEqual(expect.any(String))
        }),
        { numRuns: runs(40, 150) },
      )
  })
})

describe('the length of a chat', () => {
  it('is counted as it would be generated from', async () => {
    const { server } = serve({ reply: 'x' })
    const { json } = await post(server, '/v1/chat/completions/input_tokens', user('hi'))
    const counted = json() as unknown as { input_tokens: number }
    const used = (await chat(server, user('hi'))).json().usage.prompt_tokens
    expect(counted).toEqual({ object: 'response.input_tokens', input_tokens: used })
  })

  it('beyond the context is refused in words and numbers that clients know', async () => {
    const { server } = serve({ contextLength: 40 })
    const { status, body } = await chat(server, user('x'.repeat(100)))
    expect(status).toBe(400)
    expect(JSON.parse(body).error).toEqual({
      message: expect.stringMatching(/exceeds the available context size.*maximum context length is 40/),
      type: 'exceed_context_size_error',
      param: 'messages',
      code: 'context_length_exceeded',
      n_prompt_tokens: 150,
      n_ctx: 40,
    })
  })

  it('verbose output includes the prompt', async () => {
    const { server } = serve({ reply: 'x' })
    const { json } = await chat(server, { ...user('hi'), verbose: true })
    expect(json().__verbose).toMatchObject({
      content: 'x',
      prompt: '<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n',
      stop_type: 'eos',
      tokens_evaluated: 52,
    })
    expect((await chat(server, { ...user('hi'), verbose: false })).json()).not.toHaveProperty('__verbose')
    const verbose = serve({}, { defaults: { verbose: true } }).server
    expect((await chat(verbose, user('hi'))).json()).toHaveProperty('__verbose.prompt')
    expect((await chat(verbose, { ...user('hi'), verbose: false })).json()).not.toHaveProperty('__verbose')
  })
})
