import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BoundedTexts } from './bounded-texts.ts'

const valuesOf = (texts: BoundedTexts, keys: readonly string[]): (string | undefined)[] =>
  keys.map((key) => texts.get(key))

describe('BoundedTexts', () => {
  it('forgets the oldest first', () => {
    const texts = new BoundedTexts({ texts: 2 })
    for (const key of ['a', 'b', 'c']) texts.set(key, `about ${key}`)
    expect(valuesOf(texts, ['a', 'b', 'c'])).toEqual([undefined, 'about b', 'about c'])
    texts.set('b', 'again')
    texts.set('d', 'about d')
    expect(valuesOf(texts, ['b', 'c', 'd'])).toEqual(['again', undefined, 'about d'])
  })

  it('counts keys, which clients may have written, as well as texts', () => {
    const texts = new BoundedTexts({ characters: 20 })
    const keys = ['a', 'b', 'c'].map((key) => key.repeat(9))
    for (const key of keys) texts.set(key, 'x')
    expect(valuesOf(texts, keys)).toEqual([undefined, 'x', 'x'])
    const long = 'd'.repeat(21)
    texts.set(long, '')
    expect(texts.get(long)).toBeUndefined()
  })

  it('never holds more than it may, and always the last that fits', () => {
    const keys = ['1', '2', '3', '4', '5']
    const step = fc.record({ key: fc.constantFrom(...keys), length: fc.nat(12) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const texts = new BoundedTexts({ texts: 3, characters: 20 })
        for (const { key, length } of steps) {
          texts.set(key, 'x'.repeat(length))
          expect(texts.get(key)).toHaveLength(length)
        }
        const held = keys.flatMap((key) => texts.get(key) ?? [])
        expect(held.length).toBeLessThanOrEqual(3)
        expect(held.join('').length + held.length).toBeLessThanOrEqual(20)
      }),
    )
  })
})
