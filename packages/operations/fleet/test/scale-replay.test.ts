/** What the guide of the replay says of scalers, held against the replay itself. */

import {
  type DayName,
  hadalScaler,
  hpaScaler,
  kedaScaler,
  type Replay,
  renderedHpa,
  renderedKeda,
  replayScaling,
  type ScalerMaker,
  type ScalingPolicy,
  scalerPlanOf,
  syntheticDay,
  type Workload,
} from '@hadal/fleet'
import { describe, expect, it } from 'vitest'
import { vllm8gpu } from './deployments.ts'

const [engine] = vllm8gpu.engines as [(typeof vllm8gpu.engines)[number]]
const serviceOf = (scaling: object) => ({
  ...vllm8gpu,
  scaling: { ...vllm8gpu.scaling, maxReplicas: 8, ...scaling },
})
const model = { startMillis: 330_000, places: 16, serviceP99Millis: 250, maxQueue: 256 }

function replayOf(make: ScalerMaker, day: Workload, replicas?: number): Replay {
  const needed = Math.max(1, Math.ceil(day.load[0]! / 0.7))
  return replayScaling(make, day, { model, sloMillis: 500, replicas: replicas ?? needed })
}
function hadal(scaling: object, day: Workload, more: Partial<ScalingPolicy> = {}): ScalerMaker {
  const { policy } = scalerPlanOf(serviceOf(scaling)).models[0]!
  return hadalScaler({ ...policy, startMillis: model.startMillis, ...more }, day.history)
}
const hpa = (scaling: object): ScalerMaker => hpaScaler(renderedHpa(serviceOf(scaling), engine))
const keda = (scaling: object): ScalerMaker => kedaScaler(renderedKeda(serviceOf(scaling), engine))
const dayOf = (name: DayName, peak: number): Workload => syntheticDay(name, { seed: 1, peak })

describe('of two engines at a third each', () => {
  const third: Workload = { ...dayOf('steady', 1), load: new Float64Array(480).fill(0.66), history: [] }

  it('an HPA makes one, at twice the use', () => {
    const { changes, columns } = replayOf(hpa({}), third, 2)
    expect(changes.map(({ from, to }) => [from, to])).toEqual([[2, 1]])
    expect(columns.busy.at(-1)! / columns.ready.at(-1)!).toBeCloseTo(0.66, 6)
  })

  it('hadal scale keeps both: a third is above the low mark', () => {
    expect(replayOf(hadal({}, third), third, 2).changes).toEqual([])
  })
})

it('an HPA follows a load that comes and goes every five minutes, hadal scale does not', () => {
  const day = dayOf('flapping', 4)
  expect(replayOf(hpa({}), day).summary.takenBack).toBeGreaterThan(100)
  expect(replayOf(hadal({}, day), day).changes).toEqual([])
})

it('KEDA takes a silent exporter for idleness where it may scale to zero, hadal scale does not', () => {
  const day = dayOf('silent-exporter', 4)
  const sleeping = { minReplicas: 0, scaleToZero: true }
  const byKeda = replayOf(keda(sleeping), day).summary
  const byHadal = replayOf(hadal(sleeping, day), day).summary
  expect(byKeda.overSloShare).toBeGreaterThan(0.02)
  expect(byHadal.overSloShare).toBe(0)
})

describe('forecasts from history', () => {
  const both = (name: DayName): readonly [none: Replay, history: Replay] => {
    const day = dayOf(name, 40)
    const by = (predict: ScalingPolicy['predict']): Replay =>
      replayOf(hadal({ maxReplicas: 80 }, day, { predict }), day)
    return [by('none'), by('history')]
  }

  it('have engines ready when everybody comes at once, as every morning', () => {
    const [none, history] = both('office-hours')
    expect(none.summary.overSloShare).toBeGreaterThan(0.005)
    expect(none.summary.refusedShare).toBeGreaterThan(0)
    expect(history.summary).toMatchObject({ overSloShare: 0, refusedShare: 0 })
  })

  it('cost engines and buy nothing on a day that is slow, and nothing against what never was', () => {
    const [slow, slowForeseen] = both('diurnal')
    expect(slow.summary.overSloShare).toBe(0)
    expect(slowForeseen.summary.engineHours).toBeGreaterThan(slow.summary.engineHours)
    const [flash, flashForeseen] = both('flash-crowd')
    expect(Math.abs(flash.summary.overSloShare - flashForeseen.summary.overSloShare)).toBeLessThan(0.001)
  })
})
