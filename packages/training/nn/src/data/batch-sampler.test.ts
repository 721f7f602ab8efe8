import fc from 'fast-check'
import { expect, it } from 'vitest'
import { BatchSampler } from './batch-sampler.ts'

const counts = fc.integer({ min: 1, max: 50 })
const sizes = fc.integer({ min: 1, max: 9 })

it('draws every window exactly once an epoch, in a new order each time', () => {
  fc.assert(
    fc.property(counts, sizes, fc.nat(), (count, size, seed) => {
      const sampler = new BatchSampler(count, seed)
      const drawn: number[] = []
      while (drawn.length < 3 * count) drawn.push(...sampler.next(size))
      for (let epoch = 0; epoch < 3; epoch += 1) {
        const once = drawn.slice(epoch * count, (epoch + 1) * count).sort((a, b) => a - b)
        expect(once).toEqual(Array.from({ length: count }, (_, index) => index))
      }
    }),
  )
  const sampler = new BatchSampler(50, 1)
  expect(sampler.next(50)).not.toEqual(sampler.next(50))
  expect(sampler.epochs).toBe(2)
})

it('goes on from a saved position as if never stopped', () => {
  fc.assert(
    fc.property(counts, sizes, fc.nat(), fc.nat(20), (count, size, seed, before) => {
      const whole = new BatchSampler(count, seed)
      for (let i = 0; i < before; i += 1) whole.next(size)
      const resumed = new BatchSampler(count, seed)
      resumed.restore(JSON.parse(JSON.stringify(whole.position)))
      for (let i = 0; i < 5; i += 1) expect(resumed.next(size)).toEqual(whole.next(size))
    }),
  )
})

it('different seeds give different orders', () => {
  expect(new BatchSampler(100, 1).next(100)).not.toEqual(new BatchSampler(100, 2).next(100))
})
