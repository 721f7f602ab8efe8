import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ScalingPolicy } from '../scaling-policy.ts'
import { type DayName, dayShapes } from '../synthetic/day-shapes.ts'
import { syntheticDay } from '../synthetic/synthetic-day.ts'
import type { FleetModel } from './fleet-model.ts'
import { hadalScaler } from './hadal-scaler.ts'
import { replayScaling } from './replay-scaling.ts'
import { fixedScaler, type Scaler } from './scaler.ts'
import type { Workload } from './workload.ts'

const model: FleetModel = { startMillis: 60_000, places: 16, serviceP99Millis: 250, maxQueue: 256 }
const policy: ScalingPolicy = {
  minReplicas: 1,
  maxReplicas: 8,
  highPercent: 70,
  lowPercent: 30,
  lowForMillis: 300_000,
  backlogPerReplica: 10,
  latencyMillis: 500,
  latencyForMillis: 60_000,
  upCooldownMillis: 60_000,
  downCooldownMillis: 300_000,
  staleAfterMillis: 120_000,
  scaleToZero: false,
  startMillis: 60_000,
  predict: 'none',
}
const options = { model, sloMillis: 500, replicas: 2 }
const names = Object.keys(dayShapes) as DayName[]
const step = 60_000
const dayOf = (name: DayName, seed = 1): Workload =>
  syntheticDay(name, { seed, peak: 4, days: 1, stepMillis: step })

function constant(load: readonly number[], more: Partial<Workload> = {}): Workload {
  return {
    title: 'drawn',
    startAt: 0,
    stepMillis: 15_000,
    load: Float64Array.from(load),
    sights: [],
    history: [],
    notes: [],
    ...more,
  }
}

describe('a replay', () => {
  it('counts engine-hours, late time and refusals', () => {
    const hour = constant(new Array(240).fill(1.5))
    const enough = replayScaling(fixedScaler(3), hour, options).summary
    expect(enough).toMatchObject({ engineHours: 3, overSloShare: 0, refusedShare: 0, ups: 0, downs: 0 })
    expect(enough.utilisation).toBeCloseTo(0.5, 9)
    const few = replayScaling(fixedScaler(1), hour, options).summary
    expect(few.overSloShare).toBe(1)
    // One of one and a half is answered, but for those who still wait.
    expect(few.refusedShare).toBeCloseTo(1 / 3, 2)
  })

  it('shows what was before, and not what comes', () => {
    const seen: number[] = []
    const watcher = (): Scaler => ({
      name: 'watcher',
      decide({ busyPercent, replicas }) {
        seen.push('missing' in busyPercent ? Number.NaN : busyPercent.value)
        return { to: replicas, reason: 'steady', text: '', isBlind: false }
      },
    })
    replayScaling(watcher, constant([1, 0.5, 0.25]), options)
    expect(seen).toEqual([100, 100, 50])
  })

  it('hides what could not be seen', () => {
    const seen: unknown[] = []
    const watcher = (): Scaler => ({
      name: 'watcher',
      decide({ busyPercent, backlog, demand, latencyP99Millis, replicas }) {
        seen.push([busyPercent, backlog, demand, latencyP99Millis])
        return { to: replicas, reason: 'steady', text: '', isBlind: false }
      },
    })
    const at = (index: number): number => index * 15_000
    replayScaling(
      watcher,
      constant([1, 1, 1, 1], {
        sights: [
          { from: at(1), until: at(3), signals: ['busy'], how: 'silent' },
          { from: at(1), until: at(2), signals: ['backlog'], how: 'missing' },
          { from: at(1), until: at(2), signals: ['demand'], how: 'zero' },
          { from: at(1), until: at(2), signals: ['latency'], how: 'nan' },
          { from: at(3), until: at(4), signals: ['busy'], how: 'skewed', skewMillis: -600_000 },
        ],
      }),
      options,
    )
    expect(seen[1]).toEqual([
      { at: at(0), value: 100 },
      { missing: 'no value' },
      { at: at(1), value: 0 },
      { at: at(1), value: Number.NaN },
    ])
    expect(seen[2]).toMatchObject([{ at: at(0), value: 100 }, { at: at(2) }, { at: at(2) }, { at: at(2) }])
    expect(seen[3]).toMatchObject([{ at: at(3) - 600_000, value: 100 }, { at: at(3) }, {}, {}])
  })

  it.each(names)('of %s is the same twice, and keeps bounds and cool-downs', (name) => {
    const day = dayOf(name)
    const [first, second] = [0, 1].map(() => replayScaling(hadalScaler(policy, day.history), day, options))
    expect(first!.changes).toEqual(second!.changes)
    expect(first!.columns.latencyP99Millis.join()).toBe(second!.columns.latencyP99Millis.join())
    const { changes, columns } = first!
    expect(columns.replicas.every((each) => each >= 1 && each <= 8)).toBe(true)
    for (const [index, { at, from, to }] of changes.entries()) {
      const before = changes[index - 1]
      if (before === undefined) continue
      expect(from).toBe(before.to)
      expect(at - before.at).toBeGreaterThanOrEqual(
        to > from ? policy.upCooldownMillis : policy.downCooldownMillis,
      )
    }
  })

  it('keeps the bounds for whatever load comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { minLength: 1, maxLength: 200 }),
        fc.boolean(),
        (load, scaleToZero) => {
          const least = scaleToZero ? 0 : 1
          const { columns, summary } = replayScaling(
            hadalScaler({ ...policy, scaleToZero, minReplicas: least }),
            constant(load),
            options,
          )
          expect(columns.replicas.every((each) => each >= least && each <= 8)).toBe(true)
          expect(columns.ready.every((each, index) => each <= columns.replicas[index]!)).toBe(true)
          expect(summary.overSloShare).toBeGreaterThanOrEqual(0)
          expect(summary.overSloShare).toBeLessThanOrEqual(1)
          expect(summary.refusedShare).toBeLessThanOrEqual(1)
        },
      ),
    )
  })
})

describe('hadal scale on days that go wrong', () => {
  const replayOf = (name: DayName, more: Partial<ScalingPolicy> = {}) => {
    const day = syntheticDay(name, { seed: 1, peak: 4 })
    return { day, replay: replayScaling(hadalScaler({ ...policy, ...more }, day.history), day, options) }
  }

  it('takes nothing away while an exporter is silent', () => {
    const { day, replay } = replayOf('silent-exporter')
    for (const { from, until } of day.sights)
      expect(
        replay.changes.filter(
          ({ at, from: before, to }) => at > from + policy.staleAfterMillis && at < until && to < before,
        ),
      ).toEqual([])
    expect(replay.summary.blindShare).toBeGreaterThan(0.3)
  })

  it('does not follow a load that comes and goes every five minutes', () => {
    const { replay } = replayOf('flapping')
    expect(replay.summary.takenBack).toBe(0)
  })

  it('sleeps at night and wakes in the morning', () => {
    const { replay } = replayOf('office-hours', { scaleToZero: true, minReplicas: 0 })
    expect(replay.changes.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['sleep', 'wake']))
    expect(replay.summary.least).toBe(0)
  })
})
