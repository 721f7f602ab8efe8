import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KnownPrefixes } from './known-prefixes.ts'
import { promptBlocks } from './prompt-blocks.ts'

const text = (...parts: readonly string[]) => promptBlocks({ prompt: parts.join('') })
const block = (character: string): string => character.repeat(64)

describe('promptBlocks', () => {
  it('has a number for each whole block, whether it comes as one text or in pieces', () => {
    const whole = text(block('a'), block('b'), 'rest')
    expect(whole.blocks).toHaveLength(2)
    expect(
      promptBlocks({ prompt: { pieces: [block('a').slice(0, 10), block('a').slice(10), block('b')] } }),
    ).toEqual(whole)
    expect(promptBlocks({ prompt: Array.from({ length: 40 }, (_, at) => at) }).blocks).toHaveLength(2)
    expect(promptBlocks({ prompt: 'x'.repeat(1e6) }).blocks).toHaveLength(512)
  })

  it('separates what must not be shared', () => {
    const roots = [
      promptBlocks({ prompt: 'a' }),
      promptBlocks({ prompt: 'a', owner: 'b' }),
      promptBlocks({ prompt: 'a', adapters: [{ id: 'b', scale: 1 }] }),
      promptBlocks({ prompt: 'a', adapters: [{ id: 'b', scale: 0.5 }] }),
    ].map(({ root }) => root)
    expect(new Set(roots).size).toBe(4)
    expect(promptBlocks({ prompt: block('a'), reusePrefix: false }).blocks).toEqual([])
  })
})

describe('KnownBeginnings', () => {
  it('finds who was given the longest beginning, of the same owner only', () => {
    const known = new KnownPrefixes<string>()
    known.learn('one', text(block('a')))
    known.learn('two', text(block('a'), block('b')))
    const requested = text(block('a'), block('b'), block('c'))
    expect([...known.known(requested)].sort()).toEqual([
      ['one', 1],
      ['two', 2],
    ])
    expect(known.known({ ...requested, root: 'another' }).size).toBe(0)
    known.forget('two')
    expect([...known.known(requested)]).toEqual([['one', 1]])
  })

  it('knows of the newest 256 prompts, of which a conversation is one', () => {
    const known = new KnownPrefixes<string>()
    const first = text(block('first'))
    known.learn('one', first)
    for (let turn = 0; turn < 600; turn += 1)
      known.learn('one', text(block('t'), block('u').repeat(turn % 30)))
    expect(known.known(first).get('one')).toBe(5)
    for (let other = 0; other < 256; other += 1) known.learn('one', text(`${other}`.padEnd(64)))
    expect(known.known(first).size).toBe(0)
  })

  it('is what a list of the prompts of each says', () => {
    const path = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 5 })
    const step = fc.tuple(fc.constantFrom('a', 'b', 'c'), path)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), path, (steps, requested) => {
        const known = new KnownPrefixes<string>()
        for (const [to, blocks] of steps) known.learn(to, { root: '', blocks })
        const common = (blocks: readonly number[]): number => {
          const end = requested.findIndex((each, at) => each !== blocks[at])
          return end < 0 ? requested.length : end
        }
        for (const name of ['a', 'b', 'c']) {
          const lengths = steps.filter(([to]) => to === name).map(([, blocks]) => common(blocks))
          expect(known.known({ root: '', blocks: requested }).get(name) ?? 0).toBe(Math.max(0, ...lengths))
        }
      }),
    )
  })
})
