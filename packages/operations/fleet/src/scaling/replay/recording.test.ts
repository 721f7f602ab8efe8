import { isHadalError } from '@hadal/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { syntheticDay } from '../synthetic/synthetic-day.ts'
import type { FleetModel } from './fleet-model.ts'
import { recordedServiceP99, recordedWorkload } from './recorded-workload.ts'
import { type LoadRecording, readRecording, recordingFormat } from './recording.ts'
import { replayScaling } from './replay-scaling.ts'
import { fixedScaler } from './scaler.ts'

const model: FleetModel = { startMillis: 60_000, places: 16, serviceP99Millis: 800, maxQueue: 1e6 }

function recordingOf(columns: Partial<LoadRecording>): LoadRecording {
  const steps = columns.busyPercent?.length ?? 3
  const all = (value: number | null) => new Array(steps).fill(value)
  return {
    format: recordingFormat,
    title: 'drawn',
    model: 'nano',
    startAt: 0,
    stepMillis: 15_000,
    busyPercent: all(50),
    backlog: all(0),
    demand: all(10),
    latencyP99Millis: all(null),
    replicas: all(2),
    ...columns,
  }
}

describe('a recording', () => {
  it('says the load that there was, though there were too few engines for it', () => {
    const day = syntheticDay('flash-crowd', { seed: 3, peak: 4 })
    const replay = replayScaling(fixedScaler(2), day, { model, replicas: 2 })
    const { busy, backlog } = replay.columns
    const recording = recordingOf({
      startAt: day.startAt,
      busyPercent: [...busy].map((value) => value * 100),
      // At the beginning of a step: what the one before left.
      backlog: [0, ...backlog.subarray(0, -1)],
      demand: [...busy],
      latencyP99Millis: [...busy].map(() => null),
      replicas: [...busy].map(() => 2),
    })
    expect(Math.max(...backlog)).toBeGreaterThan(1000)
    const { load, replicas } = recordedWorkload(recording, model)
    const worst = load.reduce((most, each, index) => Math.max(most, Math.abs(each - day.load[index]!)), 0)
    expect(worst).toBeLessThan(0.01)
    expect(replicas).toBe(2)
  })

  it('interpolates missing samples, and hides them from the scaler', () => {
    const { load, sights, notes } = recordedWorkload(
      recordingOf({ busyPercent: [100, null, null, 400], backlog: [0, null, 0, 0] }),
      model,
    )
    expect([...load].map((each) => Number(each.toFixed(6)))).toEqual([1, 2, 3, 4])
    expect(sights.map(({ from, until, signals }) => [from / 15_000, until / 15_000, signals[0]])).toEqual([
      [1, 3, 'busy'],
      [1, 2, 'backlog'],
    ])
    expect(notes.join()).toContain('the engine utilization is missing for 50 % of the time')
  })

  it('makes up no load for the time before anything was recorded, nor for that after it', () => {
    const { load, startAt, notes, sights } = recordedWorkload(
      recordingOf({
        startAt: Date.UTC(2026, 0, 5, 12),
        busyPercent: [...new Array(4).fill(null), 100, 200, null],
        backlog: [9, 9, 9, 9, 0, 0, 9],
        replicas: [8, 8, 8, 8, 2, 2, 8],
      }),
      model,
    )
    expect([...load]).toEqual([1, 2])
    expect(new Date(startAt).toISOString()).toBe('2026-01-05T12:01:00.000Z')
    expect(sights).toEqual([])
    expect(notes).toEqual([
      'the engine utilization is recorded only from 2026-01-05T12:01Z to 2026-01-05T12:01Z: the rest of the range is left out',
      'engines were full for 50 % of the time: rejected requests are not recorded, so the real demand may have been higher',
    ])
  })

  it('is not blind where the model slept', () => {
    const { load, sights } = recordedWorkload(
      recordingOf({ busyPercent: [null, null, 70], demand: [0, 0, 5], replicas: [null, 0, 1] }),
      model,
    )
    expect([...load]).toEqual([0, 0, 0.7])
    expect(sights).toEqual([])
  })

  it('says that engines were full', () => {
    expect(recordedWorkload(recordingOf({ busyPercent: [200, 200, 100] }), model).notes.join()).toContain(
      'engines were full for 67 % of the time',
    )
  })

  it('says nothing where nothing says how busy engines were', () => {
    const empty = recordingOf({ busyPercent: [null, null, null] })
    expect(() => recordedWorkload(empty, model)).toThrow(
      expect.objectContaining({ code: 'scale_recording_empty' }),
    )
  })

  it('knows what an answer takes from the times at which nothing waited', () => {
    const times = Array.from({ length: 20 }, (_, index) => index)
    const recording = recordingOf({
      busyPercent: times.map((index) => (index < 12 ? 60 : 190)),
      latencyP99Millis: times.map((index) => (index < 12 ? 700 + index : 9000)),
    })
    expect(recordedServiceP99({ ...recording, replicas: times.map(() => 2) })).toBe(705.5)
    expect(recordedServiceP99(recordingOf({}))).toBeUndefined()
  })
})

describe('a file', () => {
  const valid = recordingOf({
    before: { startAt: -86_400_000, stepMillis: 300_000, busyPercent: [1, null, 3] },
  })

  it('is read as it was written', () => {
    expect(readRecording(JSON.stringify(valid), 'monday.json')).toEqual(valid)
  })

  it('has a name that cannot write elsewhere on a terminal, and may begin with a mark of its byte order', () => {
    const hostile = { ...valid, title: `\u001b[2Jmon\nday\u202e${'x'.repeat(1000)}`, model: '\u0007nano' }
    const { title, model: name } = readRecording(`\ufeff${JSON.stringify(hostile)}`, 'monday.json')
    expect(title).toMatch(/^\[2Jmondayx{100,200}$/)
    expect(name).toBe('nano')
  })

  it('says what is wrong with its JSON without what of it moves a cursor', () => {
    expect(() => readRecording('\u001b[31m{"a', 'monday.json')).toThrow(
      expect.objectContaining({
        code: 'scale_recording_invalid',
        message: expect.not.stringContaining('\u001b'),
      }),
    )
  })

  it.each<[string, string, object]>([
    ['another format', 'format must be', { format: 'prometheus' }],
    ['columns of another length', 'backlog has 1 values, but busyPercent has 3', { backlog: [0] }],
    ['a text among numbers', 'demand has the invalid value "7" at index 1', { demand: [1, '7', 2] }],
    ['a negative number', 'replicas has the invalid value -1 at index 0', { replicas: [-1, 0, 0] }],
    ['one value', 'busyPercent must have at least two values', { busyPercent: [1] }],
    ['no time', 'startAt must be a time', { startAt: 'monday' }],
    ['steps of nothing', 'stepMillis must be between', { stepMillis: 0 }],
    ['steps of a day', 'stepMillis must be between', { stepMillis: 86_400_000 }],
    ['a time after all years', 'startAt must be a time', { startAt: 4e15 }],
    [
      'more engines than there are',
      'replicas has the invalid value 10000000 at index 0',
      { replicas: [1e7, 1, 1] },
    ],
    [
      'more work than can be',
      'busyPercent has the invalid value 1000000000000000 at index 0',
      { busyPercent: [1e15, 1, 1] },
    ],
    ['no list', 'latencyP99Millis must be a list', { latencyP99Millis: {} }],
    ['a bad day before', 'before: stepMillis', { before: { startAt: 0, stepMillis: -1, busyPercent: [] } }],
  ])('with %s is refused', (_, why, change) => {
    const text = JSON.stringify({ ...valid, ...change })
    expect(() => readRecording(text, 'monday.json')).toThrow(
      expect.objectContaining({ code: 'scale_recording_invalid', message: expect.stringContaining(why) }),
    )
  })

  it('of any text is read, or refused with a reason', () => {
    const changed = fc
      .tuple(fc.constantFrom(...Object.keys(valid)), fc.jsonValue())
      .map(([key, value]) => JSON.stringify({ ...valid, [key]: value }))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), changed), (text) => {
        try {
          const { load } = recordedWorkload(readRecording(text, 'drawn'), model)
          expect(load.every((each) => each >= 0 && Number.isFinite(each))).toBe(true)
        } catch (thrown) {
          expect(isHadalError(thrown), String(thrown)).toBe(true)
        }
      }),
    )
  })
})
