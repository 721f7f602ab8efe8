import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Candidate, chooseReplica } from './choose-replica.ts'

const candidate = fc.record({
  outstanding: fc.nat(20),
  places: fc.integer({ min: 1, max: 20 }),
  known: fc.nat(5),
})
const one = (outstanding: number, known = 0, places = 16): Candidate => ({ outstanding, known, places })

describe('chooseReplica', () => {
  it('goes where the beginning is known, unless that has more to do than is fair', () => {
    const [knows, idle] = [one(1, 3), one(0)]
    expect(chooseReplica([idle, knows])).toBe(knows)
    const busy = one(4, 3)
    expect(chooseReplica([idle, busy])).toBe(idle)
  })

  it('chooses the least loaded replica without a cached prefix, and the first of equals', () => {
    const [a, b, c] = [one(2), one(1), one(1)]
    expect(chooseReplica([a, b, c])).toBe(b)
    expect(chooseReplica([])).toBeUndefined()
  })

  it('never picks one that is full while another is not, nor one that has more than a quarter above the mean', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1, maxLength: 6 }), (candidates) => {
        const chosen = chooseReplica(candidates)!
        const free = candidates.filter(({ outstanding, places }) => outstanding < places)
        const meant = free.length > 0 ? free : candidates
        expect(meant).toContain(chosen)
        const mean = meant.reduce((sum, { outstanding }) => sum + outstanding, 1) / meant.length
        expect(chosen.outstanding).toBeLessThan(Math.ceil(1.25 * mean))
      }),
    )
  })

  it('spreads requests that all begin alike evenly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 40 }), (count, requests) => {
        const replicas = Array.from({ length: count }, () => ({ outstanding: 0, places: 100, known: 0 }))
        for (let each = 0; each < requests; each += 1) {
          const chosen = chooseReplica(replicas)!
          chosen.outstanding += 1
          chosen.known = 7
        }
        const counts = replicas.map(({ outstanding }) => outstanding)
        expect(Math.max(...counts)).toBeLessThanOrEqual(Math.ceil((1.25 * requests) / count))
      }),
    )
  })
})
