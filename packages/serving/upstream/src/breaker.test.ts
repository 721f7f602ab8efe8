import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Breaker, begin, callOff, closedBreaker, fail, hurry, mayTry, succeed } from './breaker.ts'

const options = { failures: 3, openMillis: 100, maxOpenMillis: 1000 }
const failed = (times: number): Breaker =>
  Array.from({ length: times }).reduce<Breaker>((state) => fail(state, false, 0, options), closedBreaker)

describe('a breaker', () => {
  it('opens after N consecutive failures', () => {
    expect(failed(2)).toEqual({ kind: 'closed', failures: 2 })
    expect(failed(3)).toEqual({ kind: 'open', until: 100, openings: 1 })
    expect(fail(succeed(), false, 0, options)).toEqual({ kind: 'closed', failures: 1 })
  })

  it('allows a single trial request when its open time is over', () => {
    const open = failed(3)
    expect([mayTry(open, 99), mayTry(open, 100)]).toEqual([false, true])
    const halfOpen = begin(open)
    expect(mayTry(halfOpen, 1_000_000)).toBe(false)
  })

  it('stays open twice as long each time that the trial fails, up to a limit', () => {
    let state = failed(3)
    const lengths: number[] = []
    for (let now = 0, round = 0; round < 6; round += 1) {
      if (state.kind !== 'open') throw new Error('it is not open')
      lengths.push(state.until - now)
      now = state.until
      state = fail(begin(state), true, now, options)
    }
    expect(lengths).toEqual([100, 200, 400, 800, 1000, 1000])
  })

  it('is not moved by failures of attempts that began before it opened', () => {
    const open = failed(3)
    expect(fail(open, false, 50, options)).toBe(open)
    const halfOpen = begin(open)
    expect(fail(halfOpen, false, 150, options)).toBe(halfOpen)
  })

  it('lets the next one try when the trial is called off', () => {
    const state = callOff(begin(failed(3)), true, 120)
    expect(mayTry(state, 120)).toBe(true)
    const closed: Breaker = { kind: 'closed', failures: 2 }
    expect(callOff(closed, false, 120)).toBe(closed)
  })

  it('allows a trial early when another signal reports recovery', () => {
    expect(mayTry(hurry(failed(3), 10), 10)).toBe(true)
    expect(hurry(closedBreaker, 10)).toBe(closedBreaker)
  })

  it('whatever happens, is tried by one at most while it is not closed, and closes with a success', () => {
    const step = fc.record({ what: fc.constantFrom('try', 'fail', 'succeed', 'leave'), after: fc.nat(300) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let state: Breaker = closedBreaker
        let now = 0
        let trial = false
        for (const { what, after } of steps) {
          now += after
          if (what === 'try' && mayTry(state, now)) {
            const wasClosed = state.kind === 'closed'
            if (!wasClosed) expect(trial).toBe(false)
            trial = !wasClosed
            state = begin(state)
          } else if (what === 'fail') {
            state = fail(state, trial, now, options)
            trial = false
          } else if (what === 'succeed' && (trial || state.kind === 'closed')) {
            state = succeed()
            trial = false
            expect(mayTry(state, now)).toBe(true)
          } else if (what === 'leave') {
            state = callOff(state, trial, now)
            trial = false
          }
          if (state.kind === 'halfOpen') expect(trial).toBe(true)
          if (state.kind === 'open') expect(state.until - now).toBeLessThanOrEqual(options.maxOpenMillis)
        }
      }),
    )
  })
})
