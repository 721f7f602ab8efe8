/** POST /v1/completions: the four prompt forms, echo, log probabilities. */

import { createFakeEngine, type Engine } from '@hadal/engine'
import type { Completion } from '@hadal/protocol'
import type { GenerationLayer } from '@hadal/server'
import { describe, expect, it } from 'vitest'
import { chunksOf, complete, serve } from './serving.ts'

describe('a completion', () => {
  it('continues a text for 16 tokens by default', async () => {
    const { server, engine } = serve({ reply: 'abcdefghijklmnopqrstuvwxyz' })
    const { json } = await complete(server, { prompt: 'The alphabet: ' })
    expect(json()).toEqual({
      id: expect.stringMatching(/^cmpl-/),
      object: 'text_completion',
      created: expect.any(Number),
      model: 'fake',
      system_fingerprint: expect.stringMatching(/^b/),
      choices: [{ index: 0, text: 'abcdefghijklmnop', logprobs: null, finish_reason: 'length' }],
      usage: {
        prompt_tokens: 14,
        completion_tokens: 16,
        total_tokens: 30,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
        prompt_cache_hit_tokens: 0,
        prompt_cache_miss_tokens: 14,
      },
      timings: expect.objectContaining({ prompt_n: 14, predicted_n: 16 }),
    })
    expect(engine.seen[0]!.request.prompt).toBe('The alphabet: ')
  })

  it('takes several prompts, n choices of each, in order', async () => {
    const { server } = serve()
    const { json } = await complete(server, { prompt: ['one', 'seven'], n: 2 })
    expect(json().choices.map((choice) => [choice.index, choice.text])).toEqual([
      [0, 'one'],
      [1, 'one'],
      [2, 'seven'],
      [3, 'seven'],
    ])
    expect(json().usage).toMatchObject({ prompt_tokens: 3 + 5, completion_tokens: 2 * (3 + 5) })
  })

  it('takes token ids as they are', async () => {
    const { server, engine } = serve()
    await complete(server, { prompt: [72, 105] })
    const many = await complete(server, { prompt: [[72], [105, 33]] })
    expect(engine.seen.map(({ request }) => request.prompt)).toEqual([[72, 105], [72], [105, 33]])
    expect(many.json().choices.map((choice) => choice.text)).toEqual(['H', 'i!'])
  })

  it('repeats the prompt when asked to echo it, text or tokens, whole or streamed', async () => {
    const { server } = serve({ reply: '!' })
    const whole = await complete(server, { prompt: 'Hi', echo: true })
    expect(whole.json().choices[0]!.text).toBe('Hi!')
    const tokens = await complete(server, { prompt: [72, 105], echo: true, stream: true })
    const texts = chunksOf<Completion>(tokens.body).map((event) => event.choices[0]!.text)
    expect(texts).toEqual(['Hi', '!', ''])
  })

  it('gives log-probabilities with offsets in characters, whole and streamed', async () => {
    const { server } = serve({ reply: 'a😀b' })
    const whole = await complete(server, { prompt: 'x', logprobs: 1 })
    const half = Math.log(0.5)
    expect(whole.json().choices[0]!.logprobs).toEqual({
      tokens: ['a', '😀', 'b'],
      token_logprobs: [half, half, half],
      top_logprobs: [{ a: half }, { '😀': half }, { b: half }],
      text_offset: [0, 1, 2],
    })
    const streamed = await complete(server, { prompt: 'x', logprobs: 0, stream: true })
    const offsets = chunksOf<Completion>(streamed.body).flatMap(
      (event) => event.choices[0]?.logprobs?.text_offset ?? [],
    )
    expect(offsets).toEqual([0, 1, 2])
  })

  it('rates an echoed prompt, whole or streamed, alone with max_tokens 0', async () => {
    const { server, engine } = serve({ reply: '!' })
    const half = Math.log(0.5)
    const requested = { prompt: 'Hi', echo: true, logprobs: 1 }
    const described = {
      tokens: ['H', 'i', '!'],
      token_logprobs: [null, half, half],
      top_logprobs: [null, { i: half }, { '!': half }],
      text_offset: [0, 1, 2],
    }
    const whole = await complete(server, requested)
    expect(whole.json().choices[0]).toMatchObject({ text: 'Hi!', logprobs: described })
    const streamed = chunksOf<Completion>((await complete(server, { ...requested, stream: true })).body)
    expect(streamed.flatMap((event) => event.choices[0]!.logprobs?.tokens ?? [])).toEqual(['H', 'i', '!'])
    expect(streamed.flatMap((event) => event.choices[0]!.logprobs?.text_offset ?? [])).toEqual([0, 1, 2])
    const rated = await complete(server, { ...requested, max_tokens: 0 })
    expect(engine.seen.at(-1)!.request).toMatchObject({ maxTokens: 1, promptLogprobs: 1 })
    expect(rated.json()).toMatchObject({
      choices: [{ text: 'Hi', finish_reason: 'length', logprobs: { tokens: ['H', 'i'] } }],
      usage: { completion_tokens: 0 },
    })
    const unseen = chunksOf<Completion>(
      (await complete(server, { ...requested, max_tokens: 0, stream: true })).body,
    )
    expect(unseen.map((event) => [event.choices[0]!.text, event.choices[0]!.finish_reason])).toEqual([
      ['Hi', null],
      ['', 'length'],
    ])
  })

  it('returns the likeliest of several', async () => {
    const words = ['ab', 'cd', 'ef']
    const engine = createFakeEngine({ reply: (request) => words[request.sampling.seed!]! })
    const rated: Engine = {
      ...engine,
      async *generate(request, signal) {
        for await (const event of engine.generate(request, signal))
          yield event.type === 'delta'
            ? {
                ...event,
                logprobs: event.logprobs.map((each) => ({ ...each, logprob: -request.sampling.seed! })),
              }
            : event
      },
    }
    const { server } = serve({}, { engines: [rated] })
    const { json } = await complete(server, { prompt: 'x', best_of: 3, n: 2, seed: 0 })
    expect(json().choices.map((choice) => [choice.index, choice.text, choice.logprobs])).toEqual([
      [0, 'ab', null],
      [1, 'cd', null],
    ])
    expect(json().usage).toMatchObject({ prompt_tokens: 1, completion_tokens: 6 })
    for (const [fields, message] of [
      [{ best_of: 1, n: 2 }, /^best_of must be at least n/],
      [{ best_of: 2, stream: true }, /^best_of must be n with/],
    ] as const) {
      const refused = await complete(server, { prompt: 'x', ...fields })
      expect(refused.status).toBe(400)
      expect(JSON.parse(refused.body).error).toMatchObject({
        param: 'best_of',
        message: expect.stringMatching(message),
      })
    }
  })

  it('fills in the middle with the tokens of a model that has them, and refuses a suffix otherwise', async () => {
    const fim = { prefix: 0x2460, suffix: 0x2461, middle: 0x2462 }
    const { server, engine } = serve({ reply: 'x', model: { fim } })
    await complete(server, { prompt: ['ab', 'c'], suffix: 'yz' })
    await complete(server, { prompt: 'ab', suffix: '' })
    expect(engine.seen.map(({ prompt }) => prompt)).toEqual(['①ab②yz③', '①c②yz③', 'ab'])
    const { status, body } = await complete(serve().server, { prompt: 'ab', suffix: 'yz' })
    expect(status).toBe(400)
    expect(JSON.parse(body).error).toMatchObject({ code: 'unsupported_parameter', param: 'suffix' })
  })

  it('rates no more than it echoes where it fills in the middle', async () => {
    const fim = { prefix: 0x2460, suffix: 0x2461, middle: 0x2462 }
    const { server } = serve({ reply: 'x', model: { fim } })
    const requested = { prompt: 'ab', suffix: 'yz', echo: true, logprobs: 0 }
    const { choices } = (await complete(server, requested)).json()
    expect(choices[0]).toMatchObject({
      text: 'abx',
      logprobs: { tokens: ['a', 'b', 'x'], text_offset: [0, 1, 2] },
    })
    const streamed = chunksOf<Completion>((await complete(server, { ...requested, stream: true })).body)
    expect(streamed[0]!.choices[0]).toMatchObject({ text: 'ab', logprobs: { tokens: ['a', 'b'] } })
  })

  it('shows layers all that the client wrote', async () => {
    const seen: (readonly { readonly text: string }[])[] = []
    const watch: GenerationLayer = (next) => (generation, signal) => {
      seen.push(generation.texts)
      return next(generation, signal)
    }
    const fim = { prefix: 0x2460, suffix: 0x2461, middle: 0x2462 }
    const { server } = serve({ model: { fim } }, { layers: [watch] })
    await complete(server, { prompt: ['ab', 'c'], suffix: 'yz' })
    expect(seen.flat().map(({ text }) => text)).toEqual(['ab', 'c', 'yz'])
  })

  it('is held to a format', async () => {
    const { server, engine } = serve({ reply: 'x' })
    const said = async (fields: object): Promise<string | undefined> => {
      expect((await complete(server, { prompt: 'x', ...fields })).status).toBe(200)
      return engine.seen.at(-1)!.request.grammar?.gbnf
    }
    expect(await said({})).toBeUndefined()
    expect(await said({ grammar: 'root ::= "a"' })).toBe('root ::= "a"')
    expect(await said({ guided_choice: ['yes', 'no\n'] })).toBe('root ::= "yes" | "no\\n"')
    expect(await said({ guided_regex: 'a+' })).toContain('root ::=')
    expect(await said({ response_format: { type: 'json_object' } })).toContain('root ::=')
    expect(await said({ json_schema: { type: 'integer' } })).toContain('root ::=')
  })

  it('with an empty prompt is what the engine says of it', async () => {
    const { server } = serve()
    const { status, body } = await complete(server, { prompt: '' })
    expect([status, JSON.parse(body).error.code]).toEqual([400, 'empty_prompt'])
  })

  it('streams with usage when asked', async () => {
    const { server } = serve({ reply: 'ab' })
    const { body } = await complete(server, {
      prompt: 'x',
      stream: true,
      stream_options: { include_usage: true },
    })
    const events = chunksOf<Completion>(body)
    expect(events.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } })
    expect(events.slice(0, -1).every((event) => event.usage === null)).toBe(true)
  })
})
