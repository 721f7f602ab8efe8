/**
 * The built `hadal serve` with the bundled model and the real engine, met as a user meets it: with the official clients,
 * and with everything that goes wrong.
 */

import { kill } from 'node:process'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { parseMetricsText } from '@hadal/protocol'
import { streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HadalProcess, serve } from '../../packages/apps/cli/test/hadal-process.ts'

const onLinux = it.runIf(process.platform === 'linux')

let hadal: HadalProcess
let url: string
let client: OpenAI

beforeAll(async () => {
  ;({ hadal, url } = await serve())
  client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'unused', maxRetries: 0 })
})
afterAll(() => hadal[Symbol.asyncDispose]())

const ask = (content: string, extra: object = {}) =>
  client.chat.completions.create({
    model: 'nano',
    temperature: 0,
    max_tokens: 48,
    messages: [{ role: 'user', content }],
    ...extra,
  }) as Promise<OpenAI.ChatCompletion>

const metric = async (name: string): Promise<number> => {
  const { samples } = parseMetricsText(await (await fetch(`${url}/metrics`)).text())
  return samples.find((sample) => sample.name === name)?.value ?? Number.NaN
}

describe('the bundled model', () => {
  it('is listed, ready, and answers in whole sentences', async () => {
    const models = await client.models.list()
    expect(models.data.map((model) => model.id)).toEqual(['nano'])
    expect((await fetch(`${url}/ready`)).status).toBe(200)
    const { choices, usage } = await ask('Hello! Who are you?')
    expect(choices[0]!.finish_reason).toBe('stop')
    expect(choices[0]!.message.content).toMatch(/^[A-Z].*Nano.*[.!]$/s)
    expect(usage!.prompt_tokens).toBeGreaterThan(5)
    expect(usage!.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens)
  })

  it('answers to any name, as the only model there is', async () => {
    const { model, choices } = await ask('What is a kettle?', { model: 'gpt-9' })
    expect(model).toBe('nano')
    expect(choices[0]!.message.content).toBe((await ask('What is a kettle?')).choices[0]!.message.content)
  })

  it('gives the same greedy text whole, streamed, and through the AI SDK', async () => {
    const whole = (await ask('What is a kettle?')).choices[0]!.message.content
    const stream = await client.chat.completions.create({
      model: 'nano',
      temperature: 0,
      max_tokens: 48,
      messages: [{ role: 'user', content: 'What is a kettle?' }],
      stream: true,
      stream_options: { include_usage: true },
    })
    let streamed = ''
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage
    }
    const provider = createOpenAICompatible({ name: 'hadal', baseURL: `${url}/v1` })
    const sdk = streamText({
      model: provider('nano'),
      prompt: 'What is a kettle?',
      temperature: 0,
      maxOutputTokens: 48,
    })
    let fromSdk = ''
    for await (const part of sdk.textStream) fromSdk += part
    expect(streamed).toBe(whole)
    expect(fromSdk).toBe(whole)
    expect(usage!.completion_tokens).toBeGreaterThan(0)
  })

  it('gives the same greedy text alone and in a batch of others', async () => {
    const alone = (await ask('What is the capital of France?')).choices[0]!.message.content
    const others = ['What is a dog?', 'Tell me a story.', 'What is 3 plus 4?', 'Hi', 'Name three animals.']
    const answers = await Promise.all([
      ...others.map((text) => ask(text)),
      ask('What is the capital of France?'),
      ask('Use house in a sentence.'),
    ])
    expect(answers[others.length]!.choices[0]!.message.content).toBe(alone)
  })

  it('repeats itself with a seed and n choices', async () => {
    const options = { temperature: 0.9, seed: 7, n: 3 }
    const texts = (answer: OpenAI.ChatCompletion) => answer.choices.map((each) => each.message.content)
    const first = texts(await ask('Tell me a story.', options))
    expect(texts(await ask('Tell me a story.', options))).toEqual(first)
    expect(new Set(first).size).toBeGreaterThan(1)
  })
})

describe('when things go wrong', () => {
  it.each([
    ['malformed JSON', '{"model":', 400],
    ['a wrong type', '{"model":"nano","messages":"hi"}', 400],
    ['no messages', '{"model":"nano","messages":[]}', 400],
    [
      'a prompt longer than the context',
      JSON.stringify({ model: 'nano', messages: [{ role: 'user', content: 'word '.repeat(5000) }] }),
      400,
    ],
  ])('%s is a coded error', async (_name, body, status) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect(response.status).toBe(status)
    const { error } = (await response.json()) as { error: { code: string; message: string } }
    expect(error.code).toMatch(/^[a-z_]+$/)
    expect(error.message.length).toBeGreaterThan(10)
  })

  it('a client that leaves stops its sequence', async () => {
    const leave = new AbortController()
    const response = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'nano',
        prompt: 'Once',
        max_tokens: 450,
        ignore_eos: true,
        stream: true,
      }),
      signal: leave.signal,
    })
    await response.body!.getReader().read()
    expect(await metric('vllm:num_requests_running')).toBe(1)
    leave.abort()
    await expect.poll(() => metric('vllm:num_requests_running')).toBe(0)
  })

  onLinux('a killed engine fails what ran with 503, and comes back', async () => {
    const running = client.completions
      .create({ model: 'nano', prompt: 'Once', max_tokens: 450, n: 8, ignore_eos: true } as never)
      .catch((error: unknown) => error)
    await expect.poll(() => metric('vllm:num_requests_running'), { interval: 10 }).toBeGreaterThan(0)
    kill(hadal.enginePid(), 'SIGKILL')
    const failure = await running
    expect(failure).toBeInstanceOf(OpenAI.APIError)
    const { status, code, headers } = failure as InstanceType<typeof OpenAI.APIError>
    expect(status).toBe(503)
    expect(code).toBe('engine_crashed')
    expect(Number(headers?.get('retry-after'))).toBeGreaterThan(0)
    const after = await ask('Hello!')
    expect(after.choices[0]!.message.content).toMatch(/\w/)
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })
})
