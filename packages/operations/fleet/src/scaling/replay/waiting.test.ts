import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meanWaiting, p99Wait, waitingProbability } from './waiting.ts'

/** Exact, by the recursion of Erlang B. */
function erlangC(utilisation: number, places: number): number {
  const load = utilisation * places
  let blocked = 1
  for (let count = 1; count <= places; count += 1) blocked = (load * blocked) / (count + load * blocked)
  return blocked / (1 - utilisation * (1 - blocked))
}

describe('how long requests wait', () => {
  it('is what is known of one place', () => {
    // M/M/1: a request waits with probability rho, and rho^2 / (1 - rho) of them do on average.
    expect(waitingProbability(0.7, 1)).toBeCloseTo(0.7, 12)
    expect(meanWaiting(0.5, 1)).toBeCloseTo(0.5, 12)
    // P(W > t) = rho exp(-(1 - rho) t / S): of 0.5 and S = 1 s, one in a hundred waits longer than 2 ln 50.
    expect(p99Wait(0.5, 1, 1)).toBeCloseTo(2 * Math.log(50), 12)
  })

  it.each([
    // Textbook values of Erlang C.
    [0.5, 2, 0.3333],
    [0.8, 5, 0.5541],
    [0.8, 10, 0.4092],
    [0.9, 20, 0.5508],
  ])('is near Erlang C at %f of %i places', (utilisation, places, known) => {
    expect(erlangC(utilisation, places)).toBeCloseTo(known, 3)
    expect(Math.abs(waitingProbability(utilisation, places) - known)).toBeLessThan(0.04)
  })

  it('is near Erlang C everywhere', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.98, noNaN: true }),
        fc.integer({ min: 1, max: 2000 }),
        (rho, places) => {
          expect(Math.abs(waitingProbability(rho, places) - erlangC(rho, places))).toBeLessThan(0.06)
        },
      ),
    )
  })

  it('never falls when more is asked, and never rises with more places for the same share', () => {
    const share = fc.double({ min: 0, max: 1.5, noNaN: true })
    fc.assert(
      fc.property(share, share, fc.integer({ min: 1, max: 5000 }), (a, b, places) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        expect(p99Wait(more, places, 1)).toBeGreaterThanOrEqual(p99Wait(less, places, 1))
        expect(p99Wait(less, places + 1, 1)).toBeLessThanOrEqual(p99Wait(less, places, 1) + 1e-12)
        expect(Number.isFinite(p99Wait(more, places, 1))).toBe(true)
      }),
    )
  })
})
