/** The AI SDK with its providers for compatible servers and for DeepSeek, unmodified, against a listening server. */

import { createDeepSeek } from '@ai-sdk/deepseek'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import {
  generateObject,
  generateText,
  type LanguageModel,
  stepCountIs,
  streamObject,
  streamText,
  tool,
} from 'ai'
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

const compatible = (url = served.url): LanguageModel =>
  createOpenAICompatible({
    name: 'hadal',
    baseURL: `${url}/v1`,
    apiKey,
    includeUsage: true,
    supportsStructuredOutputs: true,
  })('nano')
const deepseek = (path = '', url = served.url): LanguageModel =>
  createDeepSeek({ baseURL: `${url}${path}`, apiKey })('nano')

const get_weather = tool({
  description: 'The weather at a place.',
  inputSchema: z.object({ place: z.string() }),
  execute: async () => weather,
})
const city = z.object({ city: z.string(), population: z.int() })
const readAll = async (stream: AsyncIterable<string>): Promise<string> => (await allOf(stream)).join('')

describe.each([
  ['@ai-sdk/openai-compatible', () => compatible()],
  ['@ai-sdk/deepseek', () => deepseek()],
  ['@ai-sdk/deepseek under /v1', () => deepseek('/v1')],
  ['@ai-sdk/deepseek under /beta', () => deepseek('/beta')],
])('%s', (_, model) => {
  it('generates text', async () => {
    const answer = await generateText({ model: model(), system: 'Be brief.', prompt: 'hi' })
    expect(answer.text).toBe(text)
    expect(answer.finishReason).toBe('stop')
    expect(answer.usage.outputTokens).toBe([...text].length)
    expect(answer.usage.inputTokens).toBeGreaterThan(10)
  })

  it('streams text', async () => {
    const stream = streamText({ model: model(), prompt: 'hi', temperature: 0, maxOutputTokens: 5 })
    expect(await readAll(stream.textStream)).toBe('Grüße')
    expect(await stream.finishReason).toBe('length')
    expect((await stream.usage).outputTokens).toBe(5)
  })

  it('reads reasoning, whole and streamed', async () => {
    const whole = await generateText({ model: model(), prompt: 'Think.' })
    expect([whole.reasoningText, whole.text]).toEqual([thought, text])
    expect(whole.usage.reasoningTokens).toBeGreaterThan(0)
    const stream = streamText({ model: model(), prompt: 'Think.' })
    expect(await readAll(stream.textStream)).toBe(text)
    expect(await stream.reasoningText).toBe(thought)
  })

  it('calls tools and answers from their results', async () => {
    const requested = { prompt: 'Weather?', tools: { get_weather }, stopWhen: stepCountIs(3) }
    const whole = await generateText({ model: model(), ...requested })
    expect(whole.text).toBe(forecast)
    expect(whole.steps[0]!.finishReason).toBe('tool-calls')
    expect(whole.steps[0]!.toolCalls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ['get_weather', { place }],
    ])
    expect(served.engine.seen.at(-1)!.prompt).toContain(thought)
    const stream = streamText({ model: model(), ...requested })
    expect(await readAll(stream.textStream)).toBe(forecast)
    expect((await stream.steps)[0]!.toolResults.map(({ output }) => output)).toEqual([weather])
  })

  it('may require a tool', async () => {
    await generateText({ model: model(), prompt: 'Weather?', tools: { get_weather }, toolChoice: 'required' })
    expect(served.engine.seen.at(-1)!.request.grammar!.gbnf).toContain('get_weather')
  })

  it('generates objects, whole and streamed', async () => {
    const requested = { model: model(), schema: city, prompt: 'Which city?' }
    const expected = { city: place, population: 291_940 }
    expect((await generateObject(requested)).object).toEqual(expected)
    const stream = streamObject(requested)
    expect((await allOf(stream.partialObjectStream)).at(-1)).toEqual(expected)
    expect(await stream.object).toEqual(expected)
    expect(served.engine.seen.at(-1)!.request.grammar).toBeDefined()
  })

  it('raises what the server says', async () => {
    const wrong = generateText({ model: model(), prompt: 'hi', temperature: 9, maxRetries: 0 })
    await expect(wrong).rejects.toThrow(/temperature must be at most 2, got 9/)
  })
})

describe('@ai-sdk/deepseek', () => {
  it('passes on its own options, and reads what DeepSeek adds', async () => {
    const { providerMetadata } = await generateText({
      model: deepseek(),
      prompt: 'hi',
      providerOptions: {
        deepseek: { logprobs: true, topLogprobs: 1, userId: 'ann', thinking: { type: 'disabled' } },
      },
    })
    const { request, prompt } = served.engine.seen.at(-1)!
    expect(request).toMatchObject({ owner: 'ann', topLogprobs: 1 })
    expect(prompt).toMatch(/<think>\n\n<\/think>\n\n$/)
    expect(providerMetadata!.deepseek).toMatchObject({
      promptCacheHitTokens: 0,
      promptCacheMissTokens: expect.any(Number),
      logprobs: { content: expect.any(Array) },
      systemFingerprint: expect.any(String),
    })
  })

  it('completes a prefix under /beta', async () => {
    await generateText({
      model: deepseek('/beta'),
      messages: [
        { role: 'user', content: 'Greet.' },
        { role: 'assistant', content: 'Gr', providerOptions: { deepseek: { prefix: true } } },
      ],
    })
    expect(served.engine.seen.at(-1)!.prompt).toMatch(/assistant\nGr$/)
  })
})

describe('@ai-sdk/openai-compatible', () => {
  it('completes texts', async () => {
    const provider = createOpenAICompatible({ name: 'hadal', baseURL: `${served.url}/v1`, apiKey })
    const answer = await generateText({
      model: provider.completionModel('nano'),
      prompt: 'a',
      maxOutputTokens: 5,
    })
    expect(answer.text).toBe('Grüße')
  })
})

describe.each([
  ['@ai-sdk/openai-compatible', () => compatible(nano.url)],
  ['@ai-sdk/deepseek', () => deepseek('', nano.url)],
])('%s with the bundled model', (_, model) => {
  it('gets the same greedy answer whole and streamed, and a call that is required', async () => {
    const requested = { model: model(), prompt: 'What is a kettle?', temperature: 0, maxOutputTokens: 24 }
    const whole = (await generateText(requested)).text
    expect(whole.length).toBeGreaterThan(10)
    expect(await readAll(streamText(requested).textStream)).toBe(whole)
    const short = tool({ inputSchema: z.object({ place: z.string().max(8) }), execute: async () => weather })
    const { toolCalls } = await generateText({
      ...requested,
      maxOutputTokens: 200,
      tools: { get_weather: short },
      toolChoice: 'required',
    })
    expect(toolCalls[0]).toMatchObject({ toolName: 'get_weather', input: { place: expect.any(String) } })
  })
})
