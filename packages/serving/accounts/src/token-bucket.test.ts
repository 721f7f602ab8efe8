import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Bucket, bucketOf, drawn, filled, fullBucket, millisUntil, settled } from './token-bucket.ts'

const size = bucketOf(600)

describe('a bucket', () => {
  it('fills evenly, up to a minute’s worth', () => {
    const empty: Bucket = { level: 0, refundable: 0, at: 0 }
    expect(filled(empty, size, 1000).level).toBeCloseTo(10)
    expect(filled(empty, size, 120_000).level).toBe(600)
    expect(millisUntil(empty, size, 10)).toBeCloseTo(1000)
    expect(millisUntil(fullBucket(size, 0), size, 600)).toBe(0)
  })

  it('gets back what was drawn and not used, but not what was filled up since', () => {
    const used = drawn(fullBucket(size, 0), 500)
    expect(settled(used, 500, 100).level).toBe(500)
    const later = filled(used, size, 50_000)
    expect(later).toMatchObject({ level: 600, refundable: 0 })
    expect(settled(later, 500, 100).level).toBe(600)
    expect(settled(drawn(fullBucket(size, 0), 10), 10, 25).level).toBe(575)
  })

  it('waits for a clock that went back a little, and believes one that went back far', () => {
    const bucket: Bucket = { level: 0, refundable: 0, at: 1_000_000 }
    const back = filled(bucket, size, 990_000)
    expect(back).toMatchObject({ level: 0, at: 1_000_000 })
    expect(filled(back, size, 1_000_000).level).toBe(0)
    const far = filled(bucket, size, 5000)
    expect(far).toMatchObject({ level: 0, at: 5000 })
    expect(filled(far, size, 6000).level).toBeCloseTo(10)
  })
})

type Act = { wait: number; reserve: number; used: number; settles: number }
const acts = fc.array(
  fc.record({
    wait: fc.integer({ min: 0, max: 90_000 }),
    reserve: fc.integer({ min: 1, max: 900 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
    settles: fc.nat(5),
  }),
  { maxLength: 60 },
)

/** Admits requests that fit, and settles some of the running ones after each; returns the usage by admission time. */
function run(given: readonly Act[], clock: (act: Act, now: number) => number = (act, now) => now + act.wait) {
  let bucket = fullBucket(size, 0)
  let [time, shown] = [0, 0]
  const working: { reserve: number; used: number }[] = []
  const done: { at: number; used: number }[] = []
  for (const act of given) {
    time += act.wait
    shown = clock(act, shown)
    bucket = filled(bucket, size, shown)
    if (bucket.level >= act.reserve) {
      bucket = drawn(bucket, act.reserve)
      const used = Math.floor(act.used * act.reserve)
      working.push({ reserve: act.reserve, used })
      done.push({ at: time, used })
    }
    for (const each of working.splice(0, act.settles)) bucket = settled(bucket, each.reserve, each.used)
    expect(bucket.level + bucket.refundable).toBeLessThanOrEqual(size.capacity + 1e-6)
    expect(bucket.refundable).toBeGreaterThanOrEqual(0)
  }
  return done
}

describe('admitted traffic of any duration', () => {
  it('uses together no more in any span than the capacity and what was filled in it', () => {
    fc.assert(
      fc.property(acts, (given) => {
        const done = run(given)
        for (let first = 0; first < done.length; first += 1) {
          let used = 0
          for (let last = first; last < done.length; last += 1) {
            used += done[last]!.used
            const span = done[last]!.at - done[first]!.at
            expect(used).toBeLessThanOrEqual(size.capacity + span * size.perMilli + 1e-6)
          }
        }
      }),
    )
  })

  it('gains nothing by a clock that jumps back and forth within a minute', () => {
    fc.assert(
      fc.property(
        acts,
        fc.array(fc.integer({ min: -50_000, max: 50_000 }), { minLength: 60, maxLength: 60 }),
        (given, jumps) => {
          // The clock is off by a bounded amount each time.
          let [time, index] = [0, 0]
          const done = run(given, (act) => {
            time += act.wait
            return time + jumps[index++]!
          })
          const used = done.reduce((sum, each) => sum + each.used, 0)
          // At most what the largest clock error filled too early.
          expect(used).toBeLessThanOrEqual(size.capacity + (time + 100_000) * size.perMilli + 1e-6)
        },
      ),
    )
  })
})
