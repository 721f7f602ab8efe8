/**
 * Responses from the bundled model: what llama-server's tests of this route expect (tools/server/tests/unit/test_compat_oai_responses.py).
 * A truncated response ends with `response.incomplete`, as at OpenAI, unless llama-server's own fields are requested.
 */

import { type NumberedResponseEvent, SseDecoder } from '@hadal/protocol'
import OpenAI from 'openai'
import { zodTextFormat } from 'openai/helpers/zod'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { serveNano } from './nano.ts'
import { post } from './serving.ts'

const server = serveNano()
let client: OpenAI
beforeAll(async () => {
  client = new OpenAI({ apiKey: 'dummy', baseURL: `${(await server.listen()).url}/v1`, maxRetries: 0 })
})

const question = {
  model: 'gpt-4.1',
  input: [
    { role: 'system' as const, content: 'You are Nano.' },
    { role: 'user' as const, content: 'What is a kettle?' },
  ],
  temperature: 0,
}

describe("OpenAI's client", () => {
  it('gets an answer', async () => {
    const answer = await client.responses.create({ ...question, max_output_tokens: 8 })
    expect(answer.id).toMatch(/^resp_/)
    expect(answer.output[0]!.id).toMatch(/^msg_/)
    expect(answer.output_text).toMatch(/\w/)
    expect(answer).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    expect(answer.usage!.output_tokens).toBe(8)
  })

  it('gets a stream in which everything belongs together', async () => {
    const stream = await client.responses.create({ ...question, max_output_tokens: 8, stream: true })
    let [text, response, message] = ['', '', '']
    let final: OpenAI.Responses.Response | undefined
    for await (const event of stream) {
      if (event.type === 'response.created') response = event.response.id
      if (event.type === 'response.in_progress') expect(event.response.id).toBe(response)
      if (event.type === 'response.output_item.added') message = event.item.id!
      if ('item_id' in event) expect(event.item_id).toBe(message)
      if (event.type === 'response.output_item.done') expect(event.item.id).toBe(message)
      if (event.type === 'response.output_text.delta') text += event.delta
      if (event.type === 'response.incomplete') final = event.response
    }
    expect(response).toMatch(/^resp_/)
    expect(message).toMatch(/^msg_/)
    expect(final).toMatchObject({ id: response, output: [{ id: message, content: [{ text }] }] })
  })

  it('hears the same text whole and streamed', async () => {
    const requested = { ...question, max_output_tokens: 48 }
    const { output_text, status } = await client.responses.create(requested)
    expect(output_text).toMatch(/kettle/i)
    expect(status).toBe('completed')
    expect((await client.responses.stream(requested).finalResponse()).output_text).toBe(output_text)
  })

  it('gets JSON of a schema, parsed', async () => {
    const format = zodTextFormat(z.object({ color: z.enum(['red', 'blue']) }), 'answer')
    const { output_parsed } = await client.responses.parse({ ...question, text: { format } })
    expect(['red', 'blue']).toContain(output_parsed!.color)
  })

  it('gets a call where one is required', async () => {
    const tool = {
      type: 'function' as const,
      name: 'get_weather',
      description: 'The weather in a city',
      parameters: {
        type: 'object',
        properties: { location: { enum: ['Paris', 'Rome'] } },
        required: ['location'],
        additionalProperties: false,
      },
      strict: true,
    }
    const { output } = await client.responses.create({
      ...question,
      tools: [tool],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    expect(output).toMatchObject([{ type: 'function_call', name: 'get_weather', status: 'completed' }])
    const [call] = output as OpenAI.Responses.ResponseFunctionToolCall[]
    expect(['Paris', 'Rome']).toContain(JSON.parse(call!.arguments).location)
    const results = { type: 'function_call_output' as const, call_id: call!.call_id, output: 'sunny' }
    const next = await client.responses.create({
      ...question,
      input: [...question.input, call!, results],
      max_output_tokens: 8,
    })
    expect(next.output_text).toMatch(/\w/)
  })
})

describe('a prompt that is too long', () => {
  it('is refused before a stream begins', async () => {
    const asking = client.responses.create({
      ...question,
      input: 'one two three '.repeat(2000),
      stream: true,
    })
    await expect(asking).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      param: 'input',
    })
  })
})

describe("llama-server's figures", () => {
  it('stand in the events of those who ask for them', async () => {
    const reply = await post(server, '/responses', {
      input: 'This is a test'.repeat(10),
      max_output_tokens: 8,
      temperature: 0.8,
      stream: true,
      timings_per_token: true,
      return_progress: true,
    })
    const events = new SseDecoder()
      .push(reply.body)
      .map(({ data }) => JSON.parse(data) as NumberedResponseEvent)
    const progress = events.flatMap(({ type, prompt_progress }) =>
      prompt_progress ? [{ type, ...prompt_progress }] : [],
    )
    expect(progress.length).toBeGreaterThan(0)
    for (const { type, total, cache, processed } of progress) {
      expect(type).toBe('response.in_progress')
      expect(total).toBeGreaterThan(0)
      expect(processed).toBeGreaterThanOrEqual(cache)
    }
    expect(progress.at(-1)!.processed).toBe(progress.at(-1)!.total)
    const deltas = events.filter(({ type }) => type === 'response.output_text.delta')
    expect(deltas.length).toBeGreaterThan(0)
    const completed = events.at(-1)!
    expect(completed).toMatchObject({
      type: 'response.completed',
      response: { status: 'incomplete', usage: { output_tokens: 8 } },
    })
    for (const { timings } of [...deltas, completed])
      expect(timings).toMatchObject({
        prompt_per_second: expect.any(Number),
        predicted_per_second: expect.any(Number),
      })
    expect(completed.timings).toMatchObject({ predicted_n: 8 })
  })

  it('are not there for others', async () => {
    const reply = await post(server, '/responses', { input: 'Hi', max_output_tokens: 4, stream: true })
    expect(reply.body).not.toMatch(/"timings"|"prompt_progress"/)
  })
})
