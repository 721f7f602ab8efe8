import type { timingSafeEqual as TimingSafeEqual } from 'node:crypto'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { givenKey, isOneOf } from './api-keys.ts'

const compared = vi.hoisted(() => ({ lengths: [] as number[] }))
vi.mock('node:crypto', async (load) => {
  const crypto = await load<{ timingSafeEqual: typeof TimingSafeEqual }>()
  const timingSafeEqual: typeof TimingSafeEqual = (one, other) => {
    compared.lengths.push(one.byteLength, other.byteLength)
    return crypto.timingSafeEqual(one, other)
  }
  return { ...crypto, timingSafeEqual }
})
beforeEach(() => {
  compared.lengths.length = 0
})

describe('keys', () => {
  it('are compared with all there are, as many bytes each time, whichever it is and however long', () => {
    const keys = ['sk-one', 'sk-two', 'sk-three', '']
    for (const [key, is] of [
      ['sk-one', true],
      ['sk-three', true],
      ['sk-on', false],
      ['s', false],
      ['x'.repeat(10_000), false],
    ] as const) {
      compared.lengths.length = 0
      expect(isOneOf(keys, key)).toBe(is)
      expect(compared.lengths).toEqual(Array(2 * keys.length).fill(32))
    }
  })

  it('are themselves and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (keys, key) => {
        expect(isOneOf(keys, key)).toBe(keys.includes(key))
        expect(isOneOf([...keys, key], key)).toBe(true)
      }),
    )
  })

  it('of a list that another took the place of are no longer known', () => {
    expect(isOneOf(['a'], 'a')).toBe(true)
    expect(isOneOf(['b'], 'a')).toBe(false)
    expect(isOneOf([], 'a')).toBe(false)
  })
})

describe('the key of a request', () => {
  it.each([
    [{ authorization: 'Bearer k' }, 'k'],
    [{ authorization: 'bEaReR   k  ' }, 'k'],
    [{ authorization: 'Bearer k', 'x-api-key': 'other' }, 'k'],
    [{ 'x-api-key': 'k' }, 'k'],
    [{ authorization: 'Basic abc', 'x-api-key': 'k' }, 'k'],
    [{ authorization: 'Bearer' }, undefined],
    [{ authorization: 'Bearer a b' }, undefined],
    [{ authorization: 'k' }, undefined],
    [{}, undefined],
  ])('in %j is %s', (headers, key) => expect(givenKey(headers)).toBe(key))

  it('is read from any header at all, and quickly', () => {
    const part = fc.constantFrom('Bearer', 'bearer', ' ', '\t', 'k', '\u00e9', ',', 'Bearer k')
    const header = fc.array(part, { maxLength: 2000 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(header, (authorization) => {
        const key = givenKey({ authorization })
        if (key !== undefined) expect(key).toMatch(/^\S+$/)
      }),
    )
    expect(givenKey({ authorization: `Bearer ${' '.repeat(16_000)}` })).toBeUndefined()
  })
})
