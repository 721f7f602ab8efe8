import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

describe('editDistance', () => {
  it.each([
    ['port', 'prot', 1],
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('%j to %j is %d', (a, b, distance) => expect(editDistance(a, b)).toBe(distance))

  it('is a distance: symmetric, zero only for equals, at most the longer length', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        const distance = editDistance(a, b)
        expect(distance).toBe(editDistance(b, a))
        expect(distance === 0).toBe(a === b)
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

describe('nearest', () => {
  const names = ['port', 'maxBatchSize', 'maxBatchTokens', 'host']
  it.each([
    ['prot', 'port'],
    ['max_batch_size', 'maxBatchSize'],
    ['maxBatchTokns', 'maxBatchTokens'],
    ['temperature', undefined],
    ['x', undefined],
  ])('%s means %s', (name, meant) => expect(nearest(name, names)).toBe(meant))
})
