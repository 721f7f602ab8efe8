import { afterEach, describe, expect, it } from 'vitest'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { chainOf, tokens } from './tiny-model.ts'

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** A model that emits a chain of tokens, and then ends. */
const sayer = (chain: Record<number, number>) => {
  open = openEngine({ maxBatchSize: 2, contextLength: 128 }, { chain })
  return (more: Parameters<typeof ask>[1] = {}) =>
    collect(open!.engine.generate(ask('', { maxTokens: 40, ...more })))
}
const code = (character: string) => character.codePointAt(0)!
const loop = { ...chainOf('abc'), [code('c')]: code('a') }

describe('the end of a text', () => {
  it('does not come before there are enough tokens', async () => {
    const say = sayer(chainOf('abc'))
    expect((await say({ minTokens: 3 })).text).toBe('abc')
    const later = await say({ minTokens: 6, topLogprobs: 1 })
    expect(later.text.slice(0, 3)).toBe('abc')
    expect(later.ids.length).toBeGreaterThanOrEqual(6)
    // The model's own choice is reported, even if it was overridden.
    expect(later.tokens[3]!.top[0]).toMatchObject({ token: tokens.eos })
    const stopping = await say({ minTokens: 6, stopTokens: [code('c')] })
    expect(stopping.ids.slice(0, 6)).not.toContain(code('c'))
  })

  it('is a requested stop token, which is not shown', async () => {
    const say = sayer(chainOf('abc'))
    const stop = { stopTokens: [code('c'), code('z')], topLogprobs: 0 }
    const answer = await say(stop)
    expect(answer).toMatchObject({ text: 'ab', finishReason: 'stop', stopToken: code('c') })
    expect(answer.tokens).toHaveLength(2)
    expect(await say({ ...stop, ignoreEos: true })).toMatchObject({ text: 'ab', stopToken: code('c') })
    expect(await say({ stopTokens: [tokens.eos], ignoreEos: true })).toMatchObject({ stopToken: tokens.eos })
    await expect(say({ stopTokens: [9999] })).rejects.toMatchObject({ code: 'invalid_token' })
  })

  it('never comes where it is ignored', async () => {
    const say = sayer(chainOf('abc'))
    const { ids, finishReason } = await say({ ignoreEos: true })
    expect(finishReason).toBe('length')
    expect(ids).toHaveLength(40)
    expect(ids).not.toContain(tokens.eos)
  })
})

describe('control tokens', () => {
  it('have no text unless it is requested, and end-of-text tokens never have any', async () => {
    const say = sayer({ ...chainOf('ab'), [code('b')]: tokens.user, [tokens.user]: tokens.eos })
    expect(await say()).toMatchObject({ text: 'ab', stopToken: tokens.eos })
    expect(await say({ controlText: true })).toMatchObject({ text: 'ab<user>', stopToken: tokens.eos })
    expect(await say({ controlText: true, stop: ['<us'] })).toMatchObject({ text: 'ab', stopString: '<us' })
  })
})

describe('reasoning', () => {
  const thinking = { budget: 4, start: '', end: '!?' }

  it('ends by force when it has had its tokens', async () => {
    const say = sayer(loop)
    // The model ends after it.
    expect(await say({ thinking })).toMatchObject({ text: 'abca!?', stopToken: tokens.eos })
    expect((await say({ thinking: { ...thinking, budget: 0 } })).text).toBe('!?')
    expect((await say({ thinking: { ...thinking, end: '!c' } })).text).toMatch(/^abca!cabcabc/)
  })

  it('counts from where it begins, if it does', async () => {
    const say = sayer(loop)
    const later = { ...thinking, budget: 2 }
    expect((await say({ thinking: { ...later, start: 'b' } })).text).toBe('abca!?')
    expect((await say({ thinking: { ...later, start: 'ca' } })).text).toBe('abcabc!?')
    expect((await say({ thinking: { ...later, start: 'bc', budget: 0 } })).text).toBe('abc!?')
    expect((await say({ thinking: { ...later, start: 'x' }, maxTokens: 9 })).text).toBe('abcabcabc')
  })

  it('that ends by itself is left alone', async () => {
    const say = sayer(loop)
    expect((await say({ thinking: { ...thinking, end: 'ca' }, maxTokens: 9 })).text).toBe('abcabcabc')
  })

  it('may end with a control token', async () => {
    const say = sayer({ ...loop, [tokens.user]: code('x') })
    const answer = await say({ thinking: { ...thinking, end: '<user>' }, topLogprobs: 0 })
    expect(answer.ids).toEqual([...Buffer.from('abca'), tokens.user, code('x')])
    expect(answer.tokens[4]!.logprob).toBeLessThan(-10)
  })

  it('is not cut amid a character', async () => {
    const say = sayer(chainOf('a🙂é'))
    expect((await say({ thinking: { ...thinking, budget: 2 } })).text).toBe('a🙂!?')
  })

  it('is not where a grammar begins, and its end may be', async () => {
    const say = sayer(loop)
    const grammar = { after: ['b', '?'], gbnf: 'root ::= [b?] [0-9]{2}' }
    expect((await say({ grammar })).text).toMatch(/^ab\d\d$/)
    expect((await say({ grammar, thinking })).text).toMatch(/^abca!\?\d\d$/)
  })

  it('does not end where the grammar does not let it', async () => {
    const say = sayer(loop)
    const grammar = { gbnf: 'root ::= [a-c]{7} "!?" [x-z]' }
    expect((await say({ grammar, thinking })).text).toMatch(/^abcabca!\?[x-z]$/)
  })

  it.each([
    [{ ...thinking, budget: -1 }, 'thinking.budget'],
    [{ ...thinking, budget: 0.5 }, 'thinking.budget'],
    [{ ...thinking, end: '' }, 'thinking.end'],
  ])('refuses %o', async (thinking, name) => {
    const say = sayer(loop)
    await expect(say({ thinking })).rejects.toMatchObject({
      code: 'invalid_sampling',
      message: expect.stringContaining(name),
    })
  })
})
