/**
 * Chats and completions from the bundled model: what llama-server's own tests of these routes expect (tools/server/tests/unit:
 * test_chat_completion.py, test_completion.py, test_tool_call.py), adapted to another model.
 */

import type { ChatChunk, ChatCompletion, Completion } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { weatherTool } from './chat-models.ts'
import { serveNano } from './nano.ts'
import { chunksOf, post } from './serving.ts'

const server = serveNano()
const ask = <Answer = ChatCompletion>(body: object, path = '/chat/completions') =>
  post<Answer>(server, path, body)
const messages = [
  { role: 'system', content: 'Book' },
  { role: 'user', content: 'What is the best book' },
]
const requested = { max_tokens: 8, messages }
const chunks = async (body: object): Promise<ChatChunk[]> =>
  chunksOf((await ask({ ...body, stream: true })).body)

describe('a chat', () => {
  it.each([null, 'gpt-3.5-turbo-instruct', 'nano'])('is answered for whatever model: %s', async (model) => {
    const { status, json } = await ask({ ...requested, model })
    expect(status).toBe(200)
    const answer = json()
    expect(answer.id).toContain('cmpl')
    expect(answer.system_fingerprint).toMatch(/^b/)
    expect(answer.usage.completion_tokens).toBeLessThanOrEqual(8)
    expect(answer.choices[0]!.message.role).toBe('assistant')
    expect(['length', 'stop']).toContain(answer.choices[0]!.finish_reason)
  })

  it('streams: first the role without content, last a reason without content', async () => {
    const events = await chunks({
      ...requested,
      stream_options: { include_usage: true },
      timings_per_token: true,
    })
    const [first, ...others] = events
    expect(first!.choices[0]!.delta).toMatchObject({ role: 'assistant', content: null })
    expect(first).not.toHaveProperty('timings')
    expect(new Set(events.map(({ id }) => id)).size).toBe(1)
    for (const { choices, usage, timings } of others) {
      if (choices.length === 0) {
        expect(usage!.completion_tokens).toBeLessThanOrEqual(8)
        expect(timings).toMatchObject({ predicted_n: usage!.completion_tokens })
        expect(timings).toHaveProperty('prompt_per_second')
        expect(timings).toHaveProperty('predicted_per_second')
        continue
      }
      expect(choices[0]!.delta).not.toHaveProperty('role')
      if (choices[0]!.finish_reason === null) expect(choices[0]!.delta.content).not.toBe('')
      else expect(choices[0]!.delta).not.toHaveProperty('content')
    }
  })

  it('describes every token of a stream', async () => {
    const events = await chunks({ ...requested, temperature: 0, logprobs: true, top_logprobs: 10 })
    let [said, described] = ['', '']
    for (const { choices } of events.slice(1)) {
      const { delta, logprobs, finish_reason } = choices[0]!
      if (finish_reason !== null) continue
      said += delta.content ?? ''
      for (const { token, logprob, bytes, top_logprobs } of logprobs!.content!) {
        described += token
        expect(logprob).toBeLessThanOrEqual(0)
        expect(bytes.length).toBeGreaterThan(0)
        expect(top_logprobs).toHaveLength(10)
      }
    }
    expect(said).not.toBe('')
    expect(described).toBe(said)
  })

  it('finds what is cached of its prompt', async () => {
    const counted = async (content: string): Promise<[number, number]> => {
      const { usage } = (await ask({ max_tokens: 2, messages: [{ role: 'user', content }] })).json()
      return [usage.prompt_tokens, usage.prompt_tokens_details.cached_tokens]
    }
    const text = 'One two three four five six seven eight nine ten'
    const [tokens] = await counted(text)
    expect(await counted(text)).toEqual([tokens, expect.any(Number)])
    expect((await counted(text))[1]).toBeGreaterThanOrEqual(tokens - 2)
    expect((await counted(`${text.slice(0, -3)} none`))[1]).toBeGreaterThan(tokens / 2)
  })

  it('continues what the assistant said last', async () => {
    const content = [
      { type: 'text', text: 'Wh' },
      { type: 'text', text: 'ill' },
    ]
    const prompt = async (body: object): Promise<string> => {
      const { status, json } = await ask({ ...requested, verbose: true, ...body })
      expect(status).toBe(200)
      return (json().__verbose as { prompt: string }).prompt
    }
    const said = (last: unknown) => ({ messages: [...messages, { role: 'assistant', content: last }] })
    expect(await prompt(said('Whill'))).toMatch(/Whill$/)
    expect(await prompt(said(content))).toMatch(/Wh\n\nill$/)
    const outright = { ...said('Whill'), add_generation_prompt: false, continue_final_message: true }
    expect(await prompt(outright)).toBe(await prompt(said('Whill')))
    expect((await ask({ ...outright, add_generation_prompt: true })).status).toBe(400)
  })

  it.each([
    [{ type: 'json_object', schema: { const: '42' } }, /^"42"$/],
    [{ type: 'json_object', schema: { type: 'array', items: [{ type: 'integer' }], maxItems: 1 } }, /^\[/],
    [{ type: 'json_schema', json_schema: { schema: { const: 'foooooo' } } }, /^"foooooo"$/],
    [{ type: 'json_object' }, /^\{/],
  ])('keeps to the format %j', async (response_format, pattern) => {
    const { status, json } = await ask({ ...requested, max_tokens: 20, response_format })
    expect(status).toBe(200)
    expect(json().choices[0]!.message.content).toMatch(pattern)
  })

  it('keeps to a schema or a grammar', async () => {
    const said = async (fields: object) =>
      (await ask({ ...requested, ...fields })).json().choices[0]!.message.content
    expect(await said({ json_schema: { const: '42' } })).toBe('"42"')
    expect(await said({ grammar: 'root ::= "a"{5,5}' })).toBe('aaaaa')
    expect((await ask({ ...requested, grammar: 'root ::= this is (not valid GBNF' })).status).toBe(400)
  })

  it.each([
    [null],
    ['string'],
    [[123]],
    [[{}]],
    [[{ role: 123 }]],
    [[{ role: 'system', content: 123 }]],
    [[{ role: 'system', content: 'test' }, {}]],
    [[messages[1], { role: 'assistant', content: 'test' }, { role: 'assistant', content: 'test' }]],
  ])('is refused with messages that are none: %j', async (wrong) => {
    const { status, body } = await ask({ max_tokens: 8, messages: wrong })
    expect(status).toBe(400)
    expect(JSON.parse(body)).toHaveProperty('error.message')
  })

  it('leaves out what a bias bans', async () => {
    const exclude = ['the', 'a', 'is', 'an', 'I', 'it']
    const { json } = await ask<{ tokens: number[] }>({ content: ` ${exclude.join(' ')} ` }, '/tokenize')
    const logit_bias = Object.fromEntries(json().tokens.map((token) => [token, -100]))
    const answer = await ask({ ...requested, temperature: 0, max_tokens: 48, logit_bias })
    const said = answer.json().choices[0]!.message.content!
    expect(exclude.filter((word) => said.includes(` ${word} `))).toEqual([])
  })

  it.each([false, true])('too long for the context says by how much (streamed: %s)', async (stream) => {
    const { status, body } = await ask({ messages: Array(100).fill(messages).flat(), stream })
    expect(status).toBe(400)
    const { error } = JSON.parse(body)
    expect(error).toMatchObject({ type: 'exceed_context_size_error', n_ctx: 512 })
    expect(error.n_prompt_tokens).toBeGreaterThan(512)
  })

  it('reports prompt progress', async () => {
    const long = { ...requested, messages: [{ role: 'user', content: 'This is a test. '.repeat(40) }] }
    const progress = (await chunks({ ...long, return_progress: true })).flatMap(
      ({ prompt_progress }) => prompt_progress ?? [],
    )
    expect(progress[0]!.processed).toBe(progress[0]!.cache)
    for (const [index, { total, cache, processed }] of progress.entries()) {
      expect([total, cache]).toEqual([progress[0]!.total, progress[0]!.cache])
      if (index > 0) expect(processed).toBeGreaterThan(progress[index - 1]!.processed)
    }
    expect(progress.at(-1)!.processed).toBe(progress[0]!.total)
  })

  it('has several choices, and a length', async () => {
    for (let round = 0; round < 2; round += 1) {
      const { choices } = (await ask({ ...requested, n: 2, id_slot: 0 })).json()
      expect(choices.map(({ message: { role } }) => role)).toEqual(['assistant', 'assistant'])
    }
    const counted = await ask<{ input_tokens: number }>({ messages }, '/chat/completions/input_tokens')
    expect(counted.json().input_tokens).toBeGreaterThan(5)
  })

  it.each([false, true])('calls the tool that it has to (streamed: %s)', async (stream) => {
    const place = { type: 'string', maxLength: 8 }
    const parameters = { type: 'object', properties: { place }, required: ['place'] }
    const tools = [{ type: 'function', function: { ...weatherTool.function, parameters } }]
    const body = { messages, max_tokens: 200, tools, tool_choice: 'required', parallel_tool_calls: false }
    const [choice] = stream ? [] : (await ask(body)).json().choices
    const parts = stream
      ? (await chunks(body)).flatMap(({ choices }) => choices[0]!.delta.tool_calls ?? [])
      : []
    const called = choice?.message.tool_calls?.[0]?.function ?? {
      name: parts[0]!.function.name,
      arguments: parts.map((part) => part.function.arguments).join(''),
    }
    expect(called.name).toBe('get_weather')
    expect(JSON.parse(called.arguments)).toEqual({ place: expect.any(String) })
    if (choice !== undefined) expect(choice.message.content).toBeNull()
  })

  it.each([[{ tools: undefined }], [{ tools: [] }], [{ tools: [weatherTool], tool_choice: 'none' }]])(
    'without a call has none: %j',
    async (fields) => {
      const { json } = await ask({ ...requested, ...fields })
      expect(json().choices[0]!.message).not.toHaveProperty('tool_calls')
    },
  )
})

describe('a completion', () => {
  it('takes llama-server’s name of the limit, and ends a stream with a reason', async () => {
    const { body } = await ask(
      { n_predict: 12, ignore_eos: true, prompt: 'Once', stream: true },
      '/v1/completions',
    )
    const events = chunksOf<Completion>(body)
    const text = events.map(({ choices }) => choices[0]!.text).join('')
    expect(text).not.toBe('')
    expect(events.at(-1)!.choices[0]).toMatchObject({ text: '', finish_reason: 'length' })
    for (const { choices } of events.slice(0, -1)) expect(choices[0]!.finish_reason).toBeNull()
  })
})
