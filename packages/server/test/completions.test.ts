/** POST /v1/completions: prompts in their four forms, echo, log-probabilities. */

import type { Completion } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { chunksOf, complete, serve } from './serving.ts'

describe('a completion', () => {
  it('continues a text for 16 tokens unless told otherwise', async () => {
    const { server, engine } = serve({ reply: 'abcdefghijklmnopqrstuvwxyz' })
    const { json } = await complete(server, { prompt: 'The alphabet: ' })
    expect(json()).toEqual({
      id: expect.stringMatching(/^cmpl-/),
      object: 'text_completion',
      created: expect.any(Number),
      model: 'fake',
      choices: [{ index: 0, text: 'abcdefghijklmnop', logprobs: null, finish_reason: 'length' }],
      usage: {
        prompt_tokens: 14,
        completion_tokens: 16,
        total_tokens: 30,
        prompt_tokens_details: { cached_tokens: 0 },
      },
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

  it('is refused where ignoring a field would give a wrong answer', async () => {
    const { server, engine } = serve()
    for (const [param, fields] of Object.entries({
      suffix: { suffix: 'x' },
      best_of: { best_of: 2 },
      echo: { echo: true, logprobs: 1 },
    })) {
      const { status, body } = await complete(server, { prompt: 'x', ...fields })
      expect(status).toBe(400)
      expect(JSON.parse(body).error).toMatchObject({ code: 'unsupported_parameter', param })
    }
    expect(engine.seen).toHaveLength(0)
    expect((await complete(server, { prompt: 'x', n: 2, best_of: 2, suffix: '' })).status).toBe(200)
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
