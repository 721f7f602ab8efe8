import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

const draws = (seed: number): number[] => {
  const random = createRandom(seed)
  return Array.from({ length: 20 }, () => random.int(1000))
}

test('the same seed draws the same numbers, another seed others', () => {
  expect(draws(1)).toEqual(draws(1))
  expect(draws(1)).not.toEqual(draws(2))
})

test('a fork does not depend on what its parent drew before', () => {
  const fresh = createRandom(7)
  const used = createRandom(7)
  used.next()
  expect(used.fork('stories').next()).toBe(fresh.fork('stories').next())
  expect(fresh.fork('stories').next()).not.toBe(fresh.fork('numbers').next())
})

test('a shuffle keeps every item, a sample repeats none', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer()), fc.nat(), fc.nat(20), (items, seed, count) => {
      const random = createRandom(seed)
      expect(random.shuffle(items).sort()).toEqual([...items].sort())
      const sample = random.sample(items, count)
      expect(new Set(sample).size).toBe(Math.min(count, items.length))
    }),
  )
})

test('picking from nothing is an error', () => {
  expect(() => createRandom(1).pick([])).toThrow(RangeError)
})
