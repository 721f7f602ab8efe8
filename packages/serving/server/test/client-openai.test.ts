/** OpenAI's own client, unmodified, against a listening server. */

import OpenAI from 'openai'
import { zodResponseFormat } from 'openai/helpers/zod'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { weatherTool } from './chat-models.ts'
import {
  apiKey,
  forecast,
  place,
  serveClients,
  serveNanoClients,
  text,
  thought,
  weather,
} from './client-server.ts'

const served = serveClients()
const nano = serveNanoClients()
const client = (key = apiKey, path = '/v1') =>
  new OpenAI({ baseURL: `${served.url}${path}`, apiKey: key, maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'hi' }]
const requested = { model: 'nano', messages }
const tools = [weatherTool] as unknown as OpenAI.ChatCompletionTool[]
const city = z.object({ city: z.string(), population: z.int() })

describe('the OpenAI SDK', () => {
  it.each(['/v1', '', '/beta'])('chats under %s', async (path) => {
    const answer = await client(apiKey, path).chat.completions.create({
      ...requested,
      logprobs: true,
      top_logprobs: 2,
      n: 2,
    })
    expect(answer.choices.map((choice) => choice.message.content)).toEqual([text, text])
    expect(answer.choices[0]!.finish_reason).toBe('stop')
    const described = answer.choices[0]!.logprobs!.content!
    expect(described[0]).toMatchObject({ token: 'G', top_logprobs: [{}, {}] })
    expect(described.map(({ token }) => token).join('')).toBe(text)
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens)
  })

  it('streams a chat with its usage', async () => {
    const stream = await client().chat.completions.create({
      ...requested,
      stream: true,
      stream_options: { include_usage: true, include_obfuscation: false },
    })
    let written = ''
    const usages = []
    for await (const chunk of stream) {
      written += chunk.choices[0]?.delta.content ?? ''
      if (chunk.usage) usages.push(chunk.usage)
    }
    expect(written).toBe(text)
    expect(usages).toHaveLength(1)
    expect(usages[0]!.completion_tokens).toBe([...text].length)
  })

  it('reads a stream through its helper', async () => {
    const runner = client().chat.completions.stream({ ...requested, stop: 'and' })
    expect((await runner.finalChatCompletion()).choices[0]!.message.content).toBe(
      'Grüße, 世界! 😀\n"quoted" ',
    )
  })

  it('reads reasoning alongside the content', async () => {
    const answer = await client().chat.completions.create({
      model: 'nano',
      messages: [{ role: 'developer', content: 'Think.' }, ...messages],
      reasoning_effort: 'high',
    })
    expect(answer.choices[0]!.message).toMatchObject({ content: text, reasoning_content: thought })
    expect(answer.usage!.completion_tokens_details!.reasoning_tokens).toBeGreaterThan(0)
  })

  it.each([false, true])('calls tools and answers from their results (streamed: %s)', async (stream) => {
    const places: unknown[] = []
    const runner = client().chat.completions.runTools({
      model: 'nano',
      messages: [{ role: 'user', content: 'Weather?' }],
      stream: stream as true,
      tools: [
        {
          type: 'function',
          function: {
            ...weatherTool.function,
            parameters: weatherTool.function.parameters as unknown as Record<string, unknown>,
            parse: JSON.parse,
            function: (args: object) => {
              places.push(args)
              return weather
            },
          },
        },
      ],
    })
    expect(await runner.finalContent()).toBe(forecast)
    expect(places).toEqual([{ place }])
    // The reasoning before the call was not sent back but is in the prompt.
    expect(served.engine.seen.at(-1)!.prompt).toContain(thought)
  })

  it('names the tool that is to be called', async () => {
    const named = { type: 'function' as const, function: { name: 'get_weather' } }
    const { choices } = await client().chat.completions.create({ ...requested, tools, tool_choice: named })
    expect(choices[0]!.finish_reason).toBe('tool_calls')
    expect(served.engine.seen.at(-1)!.request.grammar!.gbnf).toContain('get_weather')
  })

  it('parses structured output', async () => {
    const { choices } = await client().chat.completions.parse({
      ...requested,
      response_format: zodResponseFormat(city, 'city'),
    })
    expect(choices[0]!.message.parsed).toEqual({ city: place, population: 291_940 })
    expect(served.engine.seen.at(-1)!.request.grammar!.gbnf).toContain('population')
  })

  it('completes, whole, as a stream, and in the middle', async () => {
    const ask = { model: 'nano', prompt: 'a', max_tokens: 5 }
    const whole = await client().completions.create({ ...ask, logprobs: 1 })
    expect(whole.choices[0]).toMatchObject({ text: 'Grüße', finish_reason: 'length' })
    expect(whole.choices[0]!.logprobs!.text_offset).toEqual([0, 1, 2, 3, 4])
    let streamed = ''
    for await (const chunk of await client().completions.create({ ...ask, stream: true }))
      streamed += chunk.choices[0]!.text
    expect(streamed).toBe('Grüße')
    const middle = await client(apiKey, '/beta').completions.create({
      model: 'coder',
      prompt: 'def one():\n  ',
      suffix: '\n\none()',
    })
    expect(middle.choices[0]!.text).toBe('return 1')
    expect(served.coder.seen.at(-1)!.prompt).toBe('①def one():\n  ②\n\none()③')
  })

  it('lists models', async () => {
    expect((await client().models.list()).data.map((model) => model.id)).toEqual(['nano', 'coder'])
    expect((await client().models.retrieve('nano')).object).toBe('model')
  })

  it('raises its own error classes', async () => {
    const wrongModel = client().chat.completions.create({ model: 'gpt-9', messages })
    await expect(wrongModel).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
    await expect(wrongModel).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(wrongModel).rejects.toThrow('"nano"')
    const badKey = client('sk-wrong').models.list()
    await expect(badKey).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    const hot = { ...requested, temperature: 9 }
    await expect(client().chat.completions.create(hot)).rejects.toBeInstanceOf(OpenAI.BadRequestError)
    const beta = client(apiKey, '/beta').chat.completions.create(hot)
    await expect(beta).rejects.toBeInstanceOf(OpenAI.UnprocessableEntityError)
  })

  it('learns of a crash in the middle of a stream', async () => {
    const stream = await client().chat.completions.create({ ...requested, stream: true })
    const reading = (async () => {
      for await (const _ of stream) served.engine.crash()
    })()
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError)
    await expect(reading).rejects.toMatchObject({ code: 'engine_crashed' })
  })
})

describe('the OpenAI SDK with the bundled model', () => {
  const real = (path = '/v1') => new OpenAI({ baseURL: `${nano.url}${path}`, apiKey: 'none', maxRetries: 0 })
  const question = {
    model: 'nano',
    temperature: 0,
    messages: [{ role: 'user' as const, content: 'What is a kettle?' }],
  }

  it('gets the same greedy answer whole and streamed, described token by token', async () => {
    const whole = await real().chat.completions.create({
      ...question,
      max_tokens: 32,
      logprobs: true,
      top_logprobs: 3,
    })
    const [choice] = whole.choices
    expect(choice!.message.content!.length).toBeGreaterThan(10)
    expect(choice!.logprobs!.content!.map(({ token }) => token).join('')).toBe(choice!.message.content)
    for (const { logprob, top_logprobs } of choice!.logprobs!.content!) {
      expect(top_logprobs).toHaveLength(3)
      expect(top_logprobs[0]!.logprob).toBe(logprob)
    }
    let streamed = ''
    for await (const chunk of await real().chat.completions.create({
      ...question,
      max_tokens: 32,
      stream: true,
    }))
      streamed += chunk.choices[0]?.delta.content ?? ''
    expect(streamed).toBe(choice!.message.content)
  })

  it('is held to a schema, a pattern, and a tool', async () => {
    const { choices } = await real().chat.completions.parse({
      ...question,
      max_tokens: 200,
      response_format: zodResponseFormat(
        z.object({ name: z.string().max(12), litres: z.int().min(0).max(9) }),
        'kettle',
      ),
    })
    expect(choices[0]!.finish_reason).toBe('stop')
    expect(choices[0]!.message.parsed).toEqual({ name: expect.any(String), litres: expect.any(Number) })
    const pattern = { ...question, guided_regex: 'yes|no' } as OpenAI.ChatCompletionCreateParamsNonStreaming
    expect((await real().chat.completions.create(pattern)).choices[0]!.message.content).toMatch(/^(yes|no)$/)
    const short = {
      ...weatherTool.function.parameters,
      properties: { place: { type: 'string', maxLength: 8 } },
    }
    const called = await real().chat.completions.create({
      ...question,
      max_tokens: 200,
      tools: [{ type: 'function', function: { ...weatherTool.function, parameters: short } }],
      tool_choice: 'required',
      parallel_tool_calls: false,
    })
    expect(called.choices[0]!.finish_reason).toBe('tool_calls')
    const [call] = called.choices[0]!.message.tool_calls!
    expect(call).toMatchObject({ type: 'function', function: { name: 'get_weather' } })
    expect(JSON.parse((call as OpenAI.ChatCompletionMessageFunctionToolCall).function.arguments)).toEqual({
      place: expect.any(String),
    })
  })

  it('continues a prefix, rates a text, and has no tokens for the middle', async () => {
    const prefixed = await real('/beta').chat.completions.create({
      ...question,
      max_tokens: 8,
      messages: [
        ...question.messages,
        { role: 'assistant', content: 'A kettle is', prefix: true } as OpenAI.ChatCompletionMessageParam,
      ],
    })
    expect(prefixed.choices[0]!.message.content).toMatch(/^ \w/)
    const rated = await real().completions.create({
      model: 'nano',
      prompt: 'A kettle is a',
      echo: true,
      logprobs: 1,
      max_tokens: 0,
    })
    const { text: echoed, logprobs } = rated.choices[0]!
    expect(echoed).toBe('A kettle is a')
    expect(logprobs!.token_logprobs![0]).toBeNull()
    expect(logprobs!.token_logprobs!.slice(1).every((each) => each! <= 0)).toBe(true)
    const middle = real('/beta').completions.create({ model: 'nano', prompt: 'a', suffix: 'b' })
    await expect(middle).rejects.toMatchObject({ status: 422, param: 'suffix' })
  })
})
