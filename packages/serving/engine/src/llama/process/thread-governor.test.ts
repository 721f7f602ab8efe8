import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { processorTimes } from './processor-times.ts'
import { type ProcessorTimes, ThreadGovernor } from './thread-governor.ts'

const start: ProcessorTimes = { at: 0, busy: 0, own: 0 }

/**
 * Seconds of a machine on which other programs keep `others` cores busy, one number per second; returns the thread count after
 * each.
 */
function threadsOver(others: readonly number[], most: number, cores: number): number[] {
  const governor = new ThreadGovernor(most, cores, start)
  let [busy, own] = [0, 0]
  return others.map((each, second) => {
    own += 1000 * governor.threads
    busy += 1000 * (governor.threads + each)
    governor.decide({ at: 1000 * (second + 1), busy, own })
    return governor.threads
  })
}

describe('ThreadGovernor', () => {
  it('uses all its threads on a machine of its own', () => {
    expect(threadsOver([0, 0.1, 0.7, 0], 2, 2)).toEqual([2, 2, 2, 2])
  })

  it('leaves the cores that others keep busy, and takes them back', () => {
    expect(threadsOver([1, 1, 0, 0], 2, 2)).toEqual([1, 1, 2, 2])
    expect(threadsOver([3, 7.8, 12, 0], 8, 8)).toEqual([5, 1, 1, 8])
  })

  it('never takes more than it was given, however many are free', () => {
    expect(threadsOver([0, 10], 4, 64)).toEqual([4, 4])
  })

  it('asks for figures only when they would say something', () => {
    const governor = new ThreadGovernor(2, 2, start)
    expect(governor.isDue(100)).toBe(false)
    expect(governor.isDue(1000)).toBe(true)
    expect(new ThreadGovernor(1, 2, start).isDue(1000)).toBe(false)
  })

  it('always computes with one thread up to all of them', () => {
    const trace = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(100_000), fc.nat(100_000)))
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), trace, (most, steps) => {
        const governor = new ThreadGovernor(most, 8, start)
        let now = 0
        for (const [span, busy, own] of steps) {
          now += span
          governor.decide({ at: now, busy, own })
          expect(governor.threads).toBeGreaterThanOrEqual(1)
          expect(governor.threads).toBeLessThanOrEqual(most)
        }
      }),
    )
  })
})

it('processorTimes sees this process work', () => {
  const before = processorTimes(0)
  let sum = 0
  const { user } = process.cpuUsage()
  while (process.cpuUsage().user - user < 30_000) sum += Math.sqrt(sum + 1)
  const after = processorTimes(1)
  expect(after.own - before.own).toBeGreaterThan(15)
  expect(after.busy).toBeGreaterThan(before.busy)
})
