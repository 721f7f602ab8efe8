import { describe, expect, it } from 'vitest'
import type { WakeRecord } from './estimate-wake.ts'
import { WakeWatch } from './wake-watch.ts'

function watch(records: readonly WakeRecord[] = []) {
  const kept: (readonly WakeRecord[])[] = []
  const wake = new WakeWatch({ records, expectedMillis: undefined, keep: (all) => kept.push(all) })
  return { wake, kept }
}

describe('a wake', () => {
  it('lasts from the first who waits until a replica is well, and its start from when the pod was there', () => {
    const { wake, kept } = watch()
    wake.requested(1000)
    wake.requested(9000)
    wake.pods(1, 0, 11_000)
    wake.pods(1, 0, 20_000)
    wake.pods(0, 1, 40_000)
    wake.woke(41_000, 777)
    expect(kept).toEqual([[{ at: 777, wholeMillis: 40_000, startMillis: 30_000 }]])
    expect([wake.wakes, wake.last?.at]).toEqual([1, 777])
  })

  it('is not recorded without a request, or when requests are too old', () => {
    const { wake, kept } = watch()
    wake.woke(1000, 1)
    wake.requested(2000)
    wake.woke(200_000, 2)
    expect(kept).toEqual([])
  })

  it('is none that took less than half of what an engine says of its own start, unless its pod was seen', () => {
    const { wake, kept } = watch()
    wake.reported(30_000)
    wake.requested(0)
    wake.woke(14_000, 1)
    expect([kept, wake.wakes]).toEqual([[], 0])
    wake.requested(20_000)
    wake.woke(36_000, 2)
    wake.requested(40_000)
    wake.pods(1, 0, 41_000)
    wake.woke(50_000, 3)
    expect(kept.at(-1)).toEqual([
      { at: 2, wholeMillis: 16_000 },
      { at: 3, wholeMillis: 10_000, startMillis: 9000 },
    ])
  })

  it('is measured anew after a long time without requests', () => {
    const { wake, kept } = watch()
    wake.requested(0)
    wake.requested(130_000)
    wake.woke(140_000, 3)
    expect(kept.flat()).toEqual([{ at: 3, wholeMillis: 10_000 }])
  })

  it('forgets the pod that went away again', () => {
    const { wake, kept } = watch()
    wake.requested(0)
    wake.pods(1, 0, 1000)
    wake.pods(0, 0, 2000)
    wake.pods(1, 0, 50_000)
    wake.woke(60_000, 4)
    expect(kept.flat()).toEqual([{ at: 4, wholeMillis: 60_000, startMillis: 10_000 }])
  })

  it('counts for twenty, and for the next estimate', () => {
    const { wake, kept } = watch(Array.from({ length: 20 }, () => ({ at: 0, wholeMillis: 90_000 })))
    for (let time = 0; time < 11; time += 1) {
      wake.requested(time * 100_000)
      wake.woke(time * 100_000 + 30_000, time)
    }
    expect(kept.at(-1)).toHaveLength(20)
    expect(wake.estimate(2_000_000)).toMatchObject({ likelyMillis: 30_000, latestMillis: 90_000 })
  })

  it('knows by what an engine says, until one was measured', () => {
    const { wake } = watch()
    expect(wake.estimate(0)).toBeUndefined()
    wake.reported(20_000)
    expect(wake.estimate(0)).toMatchObject({ likelyMillis: 20_000, basis: 'reported' })
    wake.requested(0)
    expect(wake.estimate(5000)).toMatchObject({ likelyMillis: 15_000 })
  })
})
