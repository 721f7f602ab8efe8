/** The clients people already have, unmodified, against a listening server. */

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createFakeEngine } from '@hadal/engine'
import { createServer } from '@hadal/server'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const reply = 'Grüße, 世界! 😀\n"quoted" and \\ done'
const engine = createFakeEngine({ reply, model: { id: 'nano' } })
const server = createServer({ engines: [engine], apiKeys: ['sk-test'] })
let baseURL: string
beforeAll(async () => {
  baseURL = `${(await server.listen()).url}/v1`
})
afterAll(() => server.close())
const messages = [{ role: 'user' as const, content: 'hi' }]

describe('the OpenAI SDK', () => {
  const client = (apiKey = 'sk-test') => new OpenAI({ baseURL, apiKey, maxRetries: 0 })

  it('chats', async () => {
    const answer = await client().chat.completions.create({
      model: 'nano',
      messages,
      logprobs: true,
      top_logprobs: 2,
      n: 2,
    })
    expect(answer.choices.map((choice) => choice.message.content)).toEqual([reply, reply])
    expect(answer.choices[0]!.finish_reason).toBe('stop')
    expect(answer.choices[0]!.logprobs!.content![0]).toMatchObject({ token: 'G', top_logprobs: [{}, {}] })
    expect(answer.usage!.total_tokens).toBe(answer.usage!.prompt_tokens + answer.usage!.completion_tokens)
  })

  it('streams a chat with its usage', async () => {
    const stream = await client().chat.completions.create({
      model: 'nano',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    const usages = []
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      if (chunk.usage) usages.push(chunk.usage)
    }
    expect(text).toBe(reply)
    expect(usages).toHaveLength(1)
    expect(usages[0]!.completion_tokens).toBe([...reply].length)
  })

  it('reads a stream through its helper', async () => {
    const runner = client().chat.completions.stream({ model: 'nano', messages, stop: 'and' })
    expect((await runner.finalChatCompletion()).choices[0]!.message.content).toBe(
      'Grüße, 世界! 😀\n"quoted" ',
    )
  })

  it('completes, whole and as a stream', async () => {
    const whole = await client().completions.create({
      model: 'nano',
      prompt: 'a',
      max_tokens: 5,
      logprobs: 1,
    })
    expect(whole.choices[0]).toMatchObject({ text: 'Grüße', finish_reason: 'length' })
    expect(whole.choices[0]!.logprobs!.text_offset).toEqual([0, 1, 2, 3, 4])
    const stream = await client().completions.create({
      model: 'nano',
      prompt: 'a',
      max_tokens: 5,
      stream: true,
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]!.text
    expect(text).toBe('Grüße')
  })

  it('lists models', async () => {
    expect((await client().models.list()).data.map((model) => model.id)).toEqual(['nano'])
    expect((await client().models.retrieve('nano')).object).toBe('model')
  })

  it('raises its own error classes', async () => {
    const wrongModel = client().chat.completions.create({ model: 'gpt-9', messages })
    await expect(wrongModel).rejects.toMatchObject({ status: 404, code: 'model_not_found', param: 'model' })
    await expect(wrongModel).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    await expect(wrongModel).rejects.toThrow('"nano"')
    const badKey = client('sk-wrong').models.list()
    await expect(badKey).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
    const bad = client().chat.completions.create({ model: 'nano', messages, temperature: 9 })
    await expect(bad).rejects.toBeInstanceOf(OpenAI.BadRequestError)
  })

  it('learns of a crash in the middle of a stream', async () => {
    const stream = await client().chat.completions.create({ model: 'nano', messages, stream: true })
    const reading = (async () => {
      for await (const _ of stream) engine.crash()
    })()
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError)
    await expect(reading).rejects.toMatchObject({ code: 'engine_crashed' })
  })
})

describe('the AI SDK', () => {
  const nano = () =>
    createOpenAICompatible({ name: 'hadal', baseURL, apiKey: 'sk-test', includeUsage: true })('nano')

  it('generates text', async () => {
    const answer = await generateText({ model: nano(), system: 'Be brief.', prompt: 'hi', maxRetries: 3 })
    expect(answer.text).toBe(reply)
    expect(answer.finishReason).toBe('stop')
    expect(answer.usage.outputTokens).toBe([...reply].length)
  })

  it('streams text', async () => {
    const stream = streamText({ model: nano(), prompt: 'hi', seed: 7, temperature: 0, maxOutputTokens: 5 })
    let text = ''
    for await (const piece of stream.textStream) text += piece
    expect(text).toBe('Grüße')
    expect(await stream.finishReason).toBe('length')
    expect((await stream.usage).outputTokens).toBe(5)
  })
})
