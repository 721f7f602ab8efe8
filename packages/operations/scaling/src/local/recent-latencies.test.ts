import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecentLatencies } from './recent-latencies.ts'

it('lies between the 99th and the 100th of a hundred', () => {
  const latencies = new RecentLatencies()
  for (let each = 100; each >= 1; each -= 1) latencies.add(0, each)
  expect(latencies.p99(0)).toBeCloseTo(99.01, 10)
})

it('drops entries older than five minutes, and is NaN when empty', () => {
  const latencies = new RecentLatencies()
  expect(latencies.p99(0)).toBeNaN()
  latencies.add(0, 5000)
  latencies.add(60_000, 10)
  expect(latencies.p99(300_000)).toBeCloseTo(4950.1, 10)
  expect(latencies.p99(300_001)).toBe(10)
  expect(latencies.p99(400_000)).toBeNaN()
})

it('is exceeded by one answer and one in a hundred at most', () => {
  const millis = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(millis, (all) => {
      const latencies = new RecentLatencies()
      for (const each of all) latencies.add(0, each)
      const p99 = latencies.p99(0)
      expect(all.filter((each) => each > p99).length).toBeLessThanOrEqual(1 + all.length / 100)
    }),
  )
})

it('holds a bounded number', () => {
  const latencies = new RecentLatencies()
  for (let each = 0; each < 100_000; each += 1) latencies.add(0, each)
  expect(latencies.p99(0)).toBeCloseTo(99_799.01, 6)
})
