import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { chainOf, tokens } from './tiny-model.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** A model that emits `text` byte by byte, and then ends. */
const sayer = (text: string) => {
  open = openEngine({ maxBatchSize: 1, contextLength: 64 }, { chain: chainOf(text) })
  return (more: Parameters<typeof ask>[1] = {}) => collect(open!.engine.generate(ask('', more)))
}

describe('text made of byte tokens', () => {
  it('comes in whole characters', async () => {
    const say = sayer('a🙂é!')
    const answer = await say({ topLogprobs: 1 })
    expect(answer).toMatchObject({ text: 'a🙂é!', finishReason: 'stop', deltas: ['a', '🙂', 'é', '!'] })
    expect(answer.usage.completionTokens).toBe(9)
    expect(answer.tokenCount).toBe(8)
    expect(answer.tokens.flatMap((token) => token.bytes)).toEqual([...new TextEncoder().encode('a🙂é!')])
    expect(answer.tokens[1]).toMatchObject({ text: '\ufffd', bytes: [0xf0] })
  })

  it('that ends amid a character ends with U+FFFD', async () => {
    const say = sayer('a🙂')
    expect(await say({ maxTokens: 3 })).toMatchObject({
      text: 'a\ufffd',
      finishReason: 'length',
      tokenCount: 3,
    })
  })

  it('stops at a string that several tokens make, and shows nothing of it', async () => {
    const say = sayer('one</tw!')
    const answer = await say({ stop: ['zzz', 'e</t'], topLogprobs: 0 })
    expect(answer).toMatchObject({ text: 'on', finishReason: 'stop', stopString: 'e</t' })
    expect(answer.tokens.map((token) => token.text)).toEqual(['o', 'n'])
    expect(answer.usage.completionTokens).toBe(6)
  })

  it('gives back what only looked like a stop string', async () => {
    const say = sayer('abcde')
    expect(await say({ stop: ['cdx'] })).toMatchObject({ text: 'abcde', finishReason: 'stop' })
    expect((await say({ stop: ['cdx'] })).deltas).toEqual(['a', 'b', 'cde'])
    expect((await say({ stop: ['defg'] })).deltas.join('|')).toBe('a|b|c|de')
  })

  it('stops at characters that are cut into bytes', async () => {
    const say = sayer('aé🙂b')
    expect(await say({ stop: ['🙂'] })).toMatchObject({ text: 'aé', stopString: '🙂' })
  })

  it('continues past the end of text with ignoreEos', async () => {
    const say = sayer('ab')
    const answer = await say({ ignoreEos: true, maxTokens: 8 })
    expect(answer).toMatchObject({ finishReason: 'length', usage: { completionTokens: 8 } })
    expect(answer.text.startsWith('ab')).toBe(true)
    expect(answer.text).not.toContain('</s>')
  })

  it('ends at once when the first token is the end', async () => {
    open = openEngine({ maxBatchSize: 1 }, { chain: { [tokens.bos]: tokens.eos } })
    const answer = await collect(open.engine.generate(ask('')))
    expect(answer).toMatchObject({
      text: '',
      deltas: [],
      finishReason: 'stop',
      usage: { completionTokens: 1 },
    })
  })
})
