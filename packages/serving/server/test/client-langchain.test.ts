/** LangChain's client, unmodified, against a listening server. */

import type { ChatLogprobs } from '@hadal/protocol'
import { HumanMessage, ToolMessage } from '@langchain/core/messages'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, type ChatOpenAIFields, OpenAI } from '@langchain/openai'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
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
import { allOf } from './serving.ts'

const served = serveClients()
const nano = serveNanoClients()
const fieldsOf = (url: string) => ({
  model: 'nano',
  apiKey,
  maxRetries: 0,
  configuration: { baseURL: `${url}/v1` },
})
const model = (fields: ChatOpenAIFields = {}, url = served.url) =>
  new ChatOpenAI({ ...fieldsOf(url), ...fields })
const get_weather = tool(async () => weather, {
  name: 'get_weather',
  description: 'The weather at a place.',
  schema: z.object({ place: z.string() }),
})
const city = z.object({ city: z.string(), population: z.int() })

describe('LangChain', () => {
  it('chats', async () => {
    const answer = await model().invoke([
      ['system', 'Be brief.'],
      ['human', 'hi'],
    ])
    expect(answer.content).toBe(text)
    expect(answer.response_metadata).toMatchObject({ finish_reason: 'stop', model_name: 'nano' })
    expect(answer.usage_metadata).toMatchObject({ output_tokens: [...text].length })
  })

  it('streams', async () => {
    const chunks = await allOf(await model({ streamUsage: true }).stream('hi'))
    const whole = chunks.reduce((first, second) => first.concat(second))
    expect(whole.content).toBe(text)
    expect(whole.usage_metadata).toMatchObject({ output_tokens: [...text].length })
    expect(whole.response_metadata).toMatchObject({ finish_reason: 'stop' })
  })

  it('gets several answers, and log-probabilities', async () => {
    const { generations } = await model({ n: 2 }).generate([[new HumanMessage('hi')]])
    expect(generations[0]!.map((each) => each.text)).toEqual([text, text])
    const described = await model({ logprobs: true, topLogprobs: 2 }).invoke('hi')
    const logprobs = described.response_metadata.logprobs as ChatLogprobs
    expect(logprobs.content![0]).toMatchObject({ token: 'G', top_logprobs: [{}, {}] })
  })

  it.each([false, true])('calls tools and answers from their results (streamed: %s)', async (streamed) => {
    const bound = model().bindTools([get_weather])
    const question = new HumanMessage('Weather?')
    const called = streamed
      ? (await allOf(await bound.stream([question]))).reduce((first, second) => first.concat(second))
      : await bound.invoke([question])
    expect(called.tool_calls).toEqual([
      { name: 'get_weather', args: { place }, id: expect.any(String), type: 'tool_call' },
    ])
    expect(called.additional_kwargs.reasoning_content).toBe(thought)
    const result = new ToolMessage({
      content: JSON.stringify(weather),
      tool_call_id: called.tool_calls![0]!.id!,
    })
    expect((await bound.invoke([question, called, result])).content).toBe(forecast)
    expect(served.engine.seen.at(-1)!.prompt).toContain(thought)
  })

  it('names the tool that is to be called', async () => {
    await model().bindTools([get_weather], { tool_choice: 'get_weather', strict: true }).invoke('Weather?')
    expect(served.engine.seen.at(-1)!.request.grammar!.gbnf).toContain('get_weather')
  })

  it.each(['jsonSchema', 'jsonMode'] as const)('reads structured output: %s', async (method) => {
    const structured = model().withStructuredOutput(city, { name: 'city', method })
    expect(await structured.invoke('Which city? Answer as JSON.')).toEqual({
      city: place,
      population: 291_940,
    })
    expect(served.engine.seen.at(-1)!.request.grammar).toBeDefined()
  })

  it('completes texts', async () => {
    const completion = new OpenAI({ ...fieldsOf(served.url), model: 'nano', maxTokens: 5 })
    expect(await completion.invoke('a')).toBe('Grüße')
    expect((await allOf(await completion.stream('a'))).join('')).toBe('Grüße')
  })

  it('raises what the server says, and knows a prompt that is too long', async () => {
    await expect(model({ temperature: 9 }).invoke('hi')).rejects.toThrow(/temperature must be at most 2/)
    await expect(model().invoke('x'.repeat(10_000))).rejects.toMatchObject({ name: 'ContextOverflowError' })
    await expect(model({ model: 'gpt-9' }).invoke('hi')).rejects.toMatchObject({
      lc_error_code: 'MODEL_NOT_FOUND',
    })
    await expect(model({ apiKey: 'sk-wrong' }).invoke('hi')).rejects.toMatchObject({
      lc_error_code: 'MODEL_AUTHENTICATION',
    })
  })
})

describe('LangChain with the bundled model', () => {
  it('gets the same greedy answer whole and streamed, structured output, and a call that is required', async () => {
    const greedy = { temperature: 0, maxTokens: 24 }
    const whole = await model(greedy, nano.url).invoke('What is a kettle?')
    expect(String(whole.content).length).toBeGreaterThan(10)
    const chunks = await allOf(await model(greedy, nano.url).stream('What is a kettle?'))
    expect(chunks.map((chunk) => chunk.content).join('')).toBe(whole.content)
    const longer = model({ temperature: 0, maxTokens: 200 }, nano.url)
    const kettle = z.object({ name: z.string().max(12), litres: z.int().min(0).max(9) })
    const structured = longer.withStructuredOutput(kettle, { name: 'kettle', method: 'jsonSchema' })
    expect(kettle.safeParse(await structured.invoke('Describe a kettle.')).success).toBe(true)
    const short = tool(async () => weather, {
      name: 'get_weather',
      schema: z.object({ place: z.string().max(8) }),
    })
    const called = await longer.bindTools([short], { tool_choice: 'required' }).invoke('Weather?')
    expect(called.tool_calls![0]).toMatchObject({ name: 'get_weather', args: { place: expect.any(String) } })
  })
})
