import fc from 'fast-check'
import { expect, it } from 'vitest'
import { RecentLatencies } from './recent-latencies.ts'

it('is the 99th of a hundred', () => {
  const latencies = new RecentLatencies()
  for (let each = 100; each >= 1; each -= 1) latencies.add(0, each)
  expect(latencies.p99(0)).toBe(99)
})

it('forgets what is older than five minutes, and is no number where nobody asked', () => {
  const latencies = new RecentLatencies()
  expect(latencies.p99(0)).toBeNaN()
  latencies.add(0, 5000)
  latencies.add(60_000, 10)
  expect(latencies.p99(300_000)).toBe(5000)
  expect(latencies.p99(300_001)).toBe(10)
  expect(latencies.p99(400_000)).toBeNaN()
})

it('is one that was, and no more than one in a hundred took longer', () => {
  const millis = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 300 })
  fc.assert(
    fc.property(millis, (all) => {
      const latencies = new RecentLatencies()
      for (const each of all) latencies.add(0, each)
      const p99 = latencies.p99(0)
      expect(all).toContain(p99)
      expect(all.filter((each) => each > p99).length).toBeLessThanOrEqual(all.length / 100)
    }),
  )
})

it('holds a bounded number', () => {
  const latencies = new RecentLatencies()
  for (let each = 0; each < 100_000; each += 1) latencies.add(0, each)
  expect(latencies.p99(0)).toBe(99_799)
})
