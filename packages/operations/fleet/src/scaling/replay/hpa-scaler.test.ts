import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Observation, Reading } from '../observation.ts'
import { type HpaSettings, hpaScaler } from './hpa-scaler.ts'

const settings: HpaSettings = {
  minReplicas: 1,
  maxReplicas: 100,
  metrics: [
    { signal: 'backlog', target: 10, isZeroWhenMissing: false },
    { signal: 'busy', target: 70, isZeroWhenMissing: false },
  ],
  behavior: {
    scaleUp: {
      stabilizationWindowSeconds: 0,
      policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    },
    scaleDown: {
      stabilizationWindowSeconds: 300,
      policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }],
    },
  },
}
const unsettled: HpaSettings = {
  ...settings,
  behavior: {
    ...settings.behavior,
    scaleDown: { ...settings.behavior.scaleDown, stabilizationWindowSeconds: 0 },
  },
}

function seen(
  now: number,
  replicas: number,
  busy: number | Reading,
  backlog: number | Reading = 0,
): Observation {
  const reading = (value: number | Reading): Reading =>
    typeof value === 'number' ? { at: now, value } : value
  return { now, replicas, readyReplicas: replicas, busyPercent: reading(busy), backlog: reading(backlog) }
}
const once = (observation: Observation, by = unsettled): number => hpaScaler(by)().decide(observation).to

describe('a HorizontalPodAutoscaler', () => {
  it('takes two engines at 33 % to one, though they are not below 30', () => {
    expect(once(seen(0, 2, 66))).toBe(1)
  })

  it.each([
    // As the documentation of Kubernetes reckons: ceil(current * value / target), unless within a tenth of it.
    [4, 4 * 76, 4],
    [4, 4 * 64, 4],
    [4, 4 * 77.5, 5],
    [50, 50 * 90, 65],
  ])('%i engines, %f %% in all: %i', (replicas, busy, wanted) => {
    expect(once(seen(0, replicas, busy))).toBe(wanted)
  })

  it('no more than doubles in 15 s', () => {
    const scaler = hpaScaler(settings)()
    expect(scaler.decide(seen(0, 4, 4000)).to).toBe(8)
    // 8 there were 15 s ago.
    expect(scaler.decide(seen(15_000, 8, 4000)).to).toBe(16)
  })

  it('takes one a minute away, once five minutes agree', () => {
    const scaler = hpaScaler(settings)()
    let replicas = 4
    const changes: (readonly [seconds: number, replicas: number])[] = []
    for (let seconds = 0; seconds <= 480; seconds += 15) {
      const { to } = scaler.decide(seen(seconds * 1000, replicas, seconds === 0 ? 4 * 70 : 60))
      if (to !== replicas) changes.push([seconds, to])
      replicas = to
    }
    expect(changes).toEqual([
      [300, 3],
      [360, 2],
      [420, 1],
    ])
  })

  it('takes what it finds for its first recommendation: nothing goes within the window', () => {
    const scaler = hpaScaler(settings)()
    const at = (seconds: number): number => scaler.decide(seen(seconds * 1000, 4, 60)).to
    expect([at(0), at(150), at(299), at(300)]).toEqual([4, 4, 4, 3])
  })

  it('looks every 15 s, however the steps of a replay lie', () => {
    const scaler = hpaScaler(unsettled)()
    const looks = [0, 10, 20, 30, 40, 50, 60, 180].filter(
      (second) => scaler.decide(seen(second * 1000, 1, 70)).text !== 'between two evaluations',
    )
    expect(looks).toEqual([0, 20, 30, 50, 60, 180])
  })

  it('goes up by one figure where the other is missing, and never down', () => {
    const missing = { missing: 'no value' }
    expect(once(seen(0, 4, missing, 100))).toBe(8)
    expect(once(seen(0, 4, missing, 0))).toBe(4)
    expect(once(seen(0, 4, missing, missing))).toBe(4)
    const zeroed = {
      ...unsettled,
      metrics: unsettled.metrics.map((each) => ({ ...each, isZeroWhenMissing: true })),
    }
    // Where the query ends in `or vector(0)`, a silent exporter is an idle engine.
    expect(once(seen(0, 4, missing, 0), zeroed)).toBe(3)
  })

  it('believes a figure for five minutes', () => {
    expect(once(seen(299_000, 4, { at: 0, value: 4 * 140 }))).toBe(8)
    expect(once(seen(300_000, 4, { at: 0, value: 4 * 140 }))).toBe(4)
  })

  it('keeps the bounds, and its policies, whatever it sees', () => {
    const figure = fc.oneof(
      fc.constant<Reading>({ missing: 'no value' }),
      fc.double({ min: -1, max: 1e6 }).map((value): Reading => ({ at: 0, value })),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(figure, figure), { maxLength: 60 }), (all) => {
        const scaler = hpaScaler(settings)()
        let replicas = 3
        for (const [index, [busy, backlog]] of all.entries()) {
          const now = index * 15_000
          const at = (reading: Reading): Reading => ('missing' in reading ? reading : { ...reading, at: now })
          const { to } = scaler.decide(seen(now, replicas, at(busy), at(backlog)))
          expect(to).toBeGreaterThanOrEqual(1)
          expect(to).toBeLessThanOrEqual(100)
          expect(to).toBeGreaterThanOrEqual(replicas - 1)
          expect(to).toBeLessThanOrEqual(replicas * 2)
          replicas = to
        }
      }),
    )
  })
})
