import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OnlineKnobs, OnlineTuner, type OnlineTunerOptions } from './online-tuner.ts'

const start = { maxBatchSize: 8, maxPrefillTokensWhileDecoding: 128, timeoutMicros: 0 }
const bounds: OnlineTunerOptions['bounds'] = {
  maxBatchSize: [1, 16],
  maxPrefillTokensWhileDecoding: [16, 512],
  timeoutMicros: [0, 50_000],
}
const slo = { ttftMillis: 500, itlMillis: 50 }

interface Window {
  readonly ttft: number
  readonly itl: number
  readonly done?: number
  readonly arrived?: number
}

/** Runs successive windows; `of` returns what a window observes under the current knobs. */
function drive(
  of: (knobs: OnlineKnobs, window: number) => Window,
  windows: number,
  options: Partial<OnlineTunerOptions> = {},
) {
  const tuner = new OnlineTuner({ start, bounds, slo, windowMillis: 1000, minRequests: 5, ...options })
  const reasons: string[] = []
  const changes: { readonly window: number; readonly isRollback: boolean }[] = []
  tuner.decide(0)
  for (let window = 1; window <= windows; window += 1) {
    const { ttft, itl, done = 20, arrived = 20 } = of(tuner.knobs, window)
    for (let each = 0; each < arrived; each += 1) tuner.arrived()
    for (let each = 0; each < done; each += 1) {
      tuner.sawFirst(ttft)
      tuner.sawGap(itl)
      tuner.ended()
    }
    const change = tuner.decide(window * 1000)
    if (change !== undefined) {
      reasons.push(change.reason)
      changes.push({ window, isRollback: change.isRollback })
    }
  }
  return { tuner, reasons, changes }
}

describe('OnlineTuner', () => {
  it('leaves alone what keeps its promises', () => {
    expect(drive(() => ({ ttft: 300, itl: 30 }), 50).reasons).toEqual([])
  })

  it('shortens steps until tokens come in time, and stops there', () => {
    const { tuner, reasons } = drive(
      ({ maxPrefillTokensWhileDecoding }) => ({ ttft: 100, itl: 10 + maxPrefillTokensWhileDecoding / 2 }),
      30,
    )
    expect(10 + tuner.knobs.maxPrefillTokensWhileDecoding / 2).toBeLessThanOrEqual(50)
    expect(reasons[0]).toBe(
      'maxPrefillTokensWhileDecoding 128 -> 89: the 99th percentile between tokens is 74 ms of 50',
    )
    expect(reasons.length).toBeLessThan(6)
  })

  it('reads prompts faster when first tokens are late and tokens are not', () => {
    const { tuner } = drive(
      ({ maxPrefillTokensWhileDecoding }) => ({ ttft: 100_000 / maxPrefillTokensWhileDecoding, itl: 10 }),
      30,
    )
    expect(tuner.knobs.maxPrefillTokensWhileDecoding).toBeGreaterThan(200)
  })

  it('takes back what made it worse, says why, and does not try it again soon', () => {
    const seen = ({ maxPrefillTokensWhileDecoding: tokens, maxBatchSize }: OnlineKnobs) => ({
      ttft: 600 + Math.abs(tokens - 128) * 10 + Math.abs(maxBatchSize - 8) * 100,
      itl: 20,
    })
    const { tuner, reasons } = drive(seen, 40)
    expect(tuner.knobs).toEqual(start)
    expect(reasons[1]).toMatch(
      /^maxPrefillTokensWhileDecoding 180 -> 128: taken back, latency went from 12\d % to 2\d\d %/,
    )
    expect(
      reasons.filter((reason) => reason.startsWith('maxPrefillTokensWhileDecoding 128 -> 180')).length,
    ).toBeLessThan(5)
  })

  const one: OnlineTunerOptions['bounds'] = { ...bounds, maxBatchSize: [8, 8], timeoutMicros: [0, 0] }

  it('waits 4 windows before it tries again what was taken back, then twice as many each time', () => {
    const worse = ({ maxPrefillTokensWhileDecoding: tokens }: OnlineKnobs) => ({
      ttft: 600 + Math.abs(tokens - 128) * 10,
      itl: 20,
    })
    const { changes } = drive(worse, 40, { bounds: one })
    const windowsOf = (rollback: boolean): number[] =>
      changes.filter(({ isRollback }) => isRollback === rollback).map(({ window }) => window)
    expect(windowsOf(true)).toEqual([2, 7, 16, 33])
    expect(windowsOf(false)).toEqual([1, 6, 15, 32])
  })

  it('waits 4 windows again after a change that was kept', () => {
    // Worse in the second window and from the eighth on.
    const seen = (knobs: OnlineKnobs, window: number) => {
      const isWorse = knobs.maxPrefillTokensWhileDecoding > 128 && (window === 2 || window >= 8)
      return { ttft: isWorse ? 2000 : 600, itl: 20 }
    }
    const { changes } = drive(seen, 12, { bounds: one })
    expect(changes.map(({ window, isRollback }) => (isRollback ? -window : window))).toEqual([
      1, -2, 6, 7, -8, 12,
    ])
  })

  it('takes back what costs throughput', () => {
    const { reasons } = drive(
      ({ maxBatchSize, maxPrefillTokensWhileDecoding: tokens }) => ({
        ttft: 600,
        itl: 20,
        done: maxBatchSize === 8 && tokens === 128 ? 20 : 10,
      }),
      4,
    )
    expect(reasons[1]).toContain('throughput went from 20.0 to 10.0 requests/s')
  })

  it('does not blame a change for more traffic', () => {
    const { tuner, reasons } = drive(
      (_, window) => ({ ttft: 450 * window, itl: 10, arrived: 20 * window, done: 20 * window }),
      2,
    )
    expect(reasons).toHaveLength(2)
    expect(reasons.join()).not.toContain('taken back')
    expect(tuner.knobs.maxPrefillTokensWhileDecoding).toBeGreaterThan(128)
  })

  it('waits until enough was seen', () => {
    expect(drive(() => ({ ttft: 5000, itl: 500, done: 2 }), 2).reasons).toEqual([])
  })

  it('stays within its bounds, whatever it sees', () => {
    const window = fc.record({
      ttft: fc.integer({ min: 1, max: 5000 }),
      itl: fc.integer({ min: 1, max: 500 }),
      done: fc.integer({ min: 5, max: 30 }),
      arrived: fc.nat(60),
    })
    fc.assert(
      fc.property(fc.array(window, { minLength: 1, maxLength: 60 }), (windows) => {
        drive((knobs, at) => {
          for (const [name, [least, most]] of Object.entries(bounds)) {
            const value = knobs[name as keyof OnlineKnobs]
            expect(Number.isInteger(value) && value >= least && value <= most).toBe(true)
          }
          return windows[at - 1]!
        }, windows.length)
      }),
    )
  })
})
