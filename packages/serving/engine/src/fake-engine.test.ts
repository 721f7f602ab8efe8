import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import type { GenerateEvent, GenerateRequest } from './engine.ts'
import { createFakeEngine } from './fake-engine.ts'

const ask = (prompt: string, more: Partial<GenerateRequest> = {}): GenerateRequest => ({
  id: prompt,
  prompt,
  sampling: {},
  stop: [],
  ...more,
})

const collect = async (events: AsyncIterable<GenerateEvent>) => {
  let text = ''
  for await (const event of events) {
    if (event.type === 'done') return { text, ...event }
    if (event.type === 'delta') text += event.text
  }
  throw new Error('no done event')
}

describe('createFakeEngine', () => {
  it('echoes, and counts what it made', async () => {
    const engine = createFakeEngine()
    expect(await collect(engine.generate(ask('hé🙂')))).toMatchObject({
      text: 'hé🙂',
      finishReason: 'stop',
      usage: { promptTokens: 3, cachedTokens: 0, completionTokens: 3 },
    })
    expect(await engine.detokenize(await engine.tokenize('hé🙂'))).toBe('hé🙂')
  })

  it('ends at stop strings and at limits', async () => {
    const engine = createFakeEngine({ reply: 'one two three', contextLength: 8 })
    expect(await collect(engine.generate(ask('a', { stop: ['two', 'xyz'] })))).toMatchObject({
      text: 'one ',
      finishReason: 'stop',
      stopString: 'two',
    })
    expect(await collect(engine.generate(ask('a', { maxTokens: 3 })))).toMatchObject({
      text: 'one',
      finishReason: 'length',
    })
    expect((await collect(engine.generate(ask('abcde')))).text).toBe('one')
    await expect(collect(engine.generate(ask('abcdefgh')))).rejects.toMatchObject({
      code: 'context_length_exceeded',
    })
    await expect(collect(engine.generate(ask('')))).rejects.toMatchObject({ code: 'empty_prompt' })
  })

  it('describes the prompt when asked to, of which nothing foretold the first token', async () => {
    const engine = createFakeEngine({ reply: 'x' })
    const first = await engine
      .generate(ask('ab', { promptLogprobs: 1 }))
      [Symbol.asyncIterator]()
      .next()
    const half = Math.log(0.5)
    expect(first.value).toMatchObject({
      type: 'prompt',
      tokens: [
        { text: 'a', top: [] },
        { text: 'b', logprob: half, top: [{ text: 'b', logprob: half }] },
      ],
    })
    expect(first.value.tokens[0]).not.toHaveProperty('logprob')
  })

  it('returns the requested number of alternatives', async () => {
    const engine = createFakeEngine({ reply: 'ab' })
    const first = await engine
      .generate(ask('x', { topLogprobs: 2 }))
      [Symbol.asyncIterator]()
      .next()
    expect(first.value).toMatchObject({ logprobs: [{ text: 'a', top: [{}, {}] }] })
  })

  it('ends with tokens, not before there are enough, and not at all where the end is ignored', async () => {
    const engine = createFakeEngine({ reply: 'abc', contextLength: 20 })
    const [b, c] = [0x62, 0x63]
    expect(await collect(engine.generate(ask('x', { stopTokens: [c, b] })))).toMatchObject({
      text: 'a',
      finishReason: 'stop',
      stopToken: b,
      usage: { completionTokens: 2 },
    })
    expect((await collect(engine.generate(ask('x', { minTokens: 5 })))).text).toBe('abc..')
    expect((await collect(engine.generate(ask('x', { minTokens: 2, stopTokens: [b, c] })))).text).toBe('a.')
    expect(await collect(engine.generate(ask('x', { ignoreEos: true })))).toMatchObject({
      text: `abc${'.'.repeat(16)}`,
      finishReason: 'length',
    })
  })

  it('limits reasoning', async () => {
    const engine = createFakeEngine({ reply: '<t>because</t>so' })
    const limited = async (budget: number, start = '<t>') =>
      (await collect(engine.generate(ask('x', { thinking: { budget, start, end: '</t>' } })))).text
    expect(await limited(2)).toBe('<t>be</t>so')
    expect(await limited(0)).toBe('<t></t>so')
    expect(await limited(7)).toBe('<t>because</t>so')
    expect(await limited(1, '')).toBe('<</t>so')
    expect(await limited(1, '<other>')).toBe('<t>because</t>so')
  })

  it('refuses what a real engine refuses before it begins', async () => {
    const engine = createFakeEngine()
    const refused = async (more: Partial<GenerateRequest>, code: string) => {
      await expect(collect(engine.generate(ask('x', more)))).rejects.toMatchObject({ code })
    }
    await refused({ sampling: { topP: 2 } }, 'invalid_sampling')
    await refused({ maxTokens: 0 }, 'invalid_sampling')
    await refused({ grammar: { gbnf: 'root ::= (' } }, 'invalid_grammar')
    await refused({ adapters: [{ id: 'none', scale: 1 }] }, 'adapter_unknown')
    expect(engine.seen).toEqual([])
  })

  it('describes its slots', async () => {
    const engine = createFakeEngine({ maxBatchSize: 2 })
    for await (const _ of engine.generate(ask('abc')))
      expect(engine.snapshot().slots).toContainEqual(expect.objectContaining({ id: 'abc', promptTokens: 3 }))
    expect(engine.snapshot().slots).toEqual([
      { slot: 0, promptTokens: 0, computedTokens: 0, generatedTokens: 0 },
      { slot: 1, promptTokens: 0, computedTokens: 0, generatedTokens: 0 },
    ])
  })

  it('bounds its queue, frees places on abort, refuses when draining', async () => {
    const engine = createFakeEngine({
      clock: new ManualClock(),
      tokenMillis: 10,
      maxBatchSize: 1,
      maxQueue: 1,
    })
    const stop = new AbortController()
    const first = collect(engine.generate(ask('first'), stop.signal))
    const second = collect(engine.generate(ask('second'), stop.signal))
    await expect(collect(engine.generate(ask('third')))).rejects.toMatchObject({
      code: 'queue_full',
      retryAfterSeconds: 1,
    })
    expect(engine.snapshot()).toMatchObject({ running: 1, waiting: 1 })
    stop.abort()
    expect((await Promise.all([first, second])).map((each) => each.finishReason)).toEqual([
      'cancelled',
      'cancelled',
    ])
    expect(engine.snapshot()).toMatchObject({ running: 0, waiting: 0 })
    await engine.drain(0)
    await expect(collect(engine.generate(ask('late')))).rejects.toMatchObject({ code: 'engine_closed' })
  })

  it('crashes under running requests only, and comes back for the waiting ones', async () => {
    const engine = createFakeEngine({ maxBatchSize: 1, restartMillis: 1 })
    const running = collect(engine.generate(ask('x'.repeat(1000))))
    const waiting = collect(engine.generate(ask('ok')))
    const failed = expect(running).rejects.toMatchObject({ code: 'engine_crashed', retryAfterSeconds: 1 })
    engine.crash()
    await failed
    expect((await waiting).text).toBe('ok')
    expect(engine.snapshot()).toMatchObject({ state: 'ready', restarts: 1 })
  })

  it('frees its place when the reader leaves early', async () => {
    const engine = createFakeEngine()
    for await (const _ of engine.generate(ask('abc'))) break
    expect(engine.snapshot().running).toBe(0)
    expect(engine.seen[0]?.tokens).toBe(1)
  })
})
