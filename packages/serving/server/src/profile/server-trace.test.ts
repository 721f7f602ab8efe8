import type { StepReport } from '@hadal/engine'
import type { Span } from '@hadal/profiling'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Recorded, RecordedRequest, RecordedStep } from './recorded.ts'
import { serverTrace } from './server-trace.ts'
import { compositionOf } from './step-spans.ts'

const report: StepReport = { step: 1, decodeTokens: 12, prefillTokens: 256, running: 13, millis: 10 }
const step = (
  reportedAt: number,
  more: Partial<StepReport> = {},
  waiting = 0,
  model = 'nano',
): RecordedStep => ({
  model,
  report: { ...report, ...more },
  reportedAt,
  waiting,
  maxBatchSize: 16,
  kvCacheUsage: 0.5,
})
const request: RecordedRequest = {
  id: 'r',
  model: 'nano',
  operation: 'chat',
  arrivedAt: 1000,
  startedAt: 1002,
  chunks: [],
}
const recorded = (more: Partial<Recorded>): Recorded => ({
  startedAt: 1000,
  endedAt: 2000,
  steps: [],
  requests: [],
  notes: [],
  ...more,
})
const on = (spans: readonly Span[], lane: string) => spans.filter((span) => span.lane === lane)
const brief = ({ name, startMicros, durationMicros }: Span) => [name, startMicros, durationMicros]

describe('steps', () => {
  it('are called by what is in them', () => {
    const named = (more: Partial<StepReport>) => compositionOf({ ...report, ...more })
    expect(named({})).toBe('12 decodes + 256 prefill')
    expect(named({ decodeTokens: 1, prefillTokens: 0 })).toBe('1 decode')
    expect(named({ decodeTokens: 0 })).toBe('256 prefill')
    const drafts = { count: 2, tokens: 8, accepted: 5 }
    expect(named({ decodeTokens: 10, prefillTokens: 0, drafts })).toBe('2 decodes + 8 drafts')
    expect(named({ isPass: true, running: 1, prefillTokens: 9 })).toBe('1 text, 9 tokens')
    expect(named({ isPass: true, tower: 'image', running: 2, prefillTokens: 100 })).toBe(
      '2 images, 100 tokens',
    )
    const tensors = { inputMillis: 1, inferMillis: 1, outputMillis: 1 }
    expect(named({ isPass: true, tensors, running: 32, prefillTokens: 0 })).toBe('32 rows')
    expect(named({ decodeTokens: 0, prefillTokens: 0 })).toBe('nothing')
  })

  it('stand in a lane of each replica, whose clocks have nothing to do with each other', () => {
    const own = [
      { replica: 1, endedAt: 5 },
      { replica: 0, endedAt: 90_000 },
      { replica: 1, endedAt: 15 },
      { replica: 0, endedAt: 90_010 },
    ]
    const steps = own.map((each, at) => step(1100 + 10 * Math.floor(at / 2), each))
    const { spans } = serverTrace(recorded({ steps }))
    for (const replica of [0, 1])
      expect(
        on(spans, `steps of replica ${replica}`).map(({ startMicros, durationMicros }) => [
          startMicros,
          durationMicros,
        ]),
      ).toEqual([
        [90_000, 10_000],
        [100_000, 10_000],
      ])
    expect(on(spans, 'steps')).toEqual([])
  })

  it('have parts that are the whole of them', () => {
    const parts = { nativeMillis: 7, outside: { plan: 0.5, sample: 1, texts: 0.5 }, preemptions: 2 }
    const { spans } = serverTrace(recorded({ steps: [step(1100, parts)] }))
    expect(on(spans, 'steps').map(brief)).toEqual([
      ['12 decodes + 256 prefill', 90_000, 10_000],
      ['plan', 90_000, 500],
      ['compute', 90_500, 7000],
      ['native code', 90_500, 7000],
      ['sample', 97_500, 1000],
      ['texts', 98_500, 500],
      ['own work', 99_000, 1000],
    ])
    expect(spans[0]!.args).toMatchObject({
      model: 'nano',
      decodeTokens: 12,
      prefillTokens: 256,
      running: 13,
      preemptions: 2,
      maxBatchSize: 16,
    })
    expect(spans.slice(2, 4).map(({ category }) => category)).toEqual(['phase', 'operator'])
  })

  it('of tensors have their parts, too', () => {
    const tensors = { inputMillis: 1, inferMillis: 6, outputMillis: 2 }
    const pass = { isPass: true, running: 8, nativeMillis: 6, tensors }
    const { spans } = serverTrace(recorded({ steps: [step(1100, pass)] }))
    expect(on(spans, 'passes').map(brief)).toEqual([
      ['8 rows', 90_000, 10_000],
      ['inputs', 90_000, 1000],
      ['compute', 91_000, 6000],
      ['native code', 91_000, 6000],
      ['outputs', 97_000, 2000],
      ['own work', 99_000, 1000],
    ])
  })

  it('say no more than is known', () => {
    const { spans } = serverTrace(recorded({ steps: [step(1100), step(1200, { nativeMillis: 4 })] }))
    expect(spans.map(({ name }) => name)).toEqual([
      '12 decodes + 256 prefill',
      '12 decodes + 256 prefill',
      'compute',
      'native code',
      'outside native code',
    ])
  })

  it('are cut where the recording begins', () => {
    const { spans } = serverTrace(recorded({ steps: [step(1004, { nativeMillis: 10 })] }))
    expect(spans.map(brief)).toEqual([
      ['12 decodes + 256 prefill', 0, 4000],
      ['compute', 0, 4000],
      ['native code', 0, 4000],
    ])
  })

  it('that ended before the recording are left out, however late they were reported', () => {
    const steps = [step(1001, { endedAt: 5, millis: 3 }), step(1050, { endedAt: 53, millis: 3 })]
    const late = serverTrace(recorded({ steps: [...steps, step(1100, { endedAt: 110, millis: 3 })] }))
    expect(late.spans.map(brief)).toEqual([
      ['12 decodes + 256 prefill', 40_000, 3000],
      ['12 decodes + 256 prefill', 97_000, 3000],
    ])
  })

  it('of several models have lanes of their own, and so have passes', () => {
    const steps = [step(1100), step(1150, { isPass: true }), step(1200, {}, 0, 'other')]
    const { spans } = serverTrace(recorded({ steps }))
    expect(spans.map(({ lane }) => lane)).toEqual(['nano: steps', 'nano: passes', 'other: steps'])
  })
})

describe('the queue', () => {
  it('is a span for each number of those who wait', () => {
    const waits = (startedAt: number, placedAt: number) => ({ ...request, startedAt, placedAt })
    const requests = [waits(900, 1400), waits(1200, 1600), waits(1400, 1500), waits(1700, 1700)]
    const steps = [step(1300), step(1500), step(1900, {}, 3)]
    const { spans } = serverTrace(recorded({ requests, steps }))
    expect(on(spans, 'queue').map(brief)).toEqual([
      ['1 waiting', 0, 200_000],
      ['2 waiting', 200_000, 300_000],
      ['1 waiting', 500_000, 100_000],
    ])
    // The engine's own queue counts as well.
    expect(on(spans, 'steps').map(({ args }) => args!.waiting)).toEqual([2, 1, 3])
  })

  it('has a span for each queued request, alongside the others', () => {
    const requests = [
      { ...request, id: 'a', placedAt: 1100, endedAt: 1500 },
      { ...request, id: 'b', endedAt: 1300 },
      { ...request, id: 'c', startedAt: 1200 },
    ]
    const { spans } = serverTrace(recorded({ requests }))
    const waits = spans.filter(({ category }) => category === 'wait')
    expect(waits.map((span) => [...brief(span), span.lane])).toEqual([
      ['never placed', 2000, 298_000, 'waiting 1'],
      ['queued', 2000, 98_000, 'waiting 0'],
      ['queued', 200_000, 800_000, 'waiting 0'],
    ])
  })
})

describe('a request', () => {
  it('is prefill, in chunks, and decode, in its place', () => {
    const requests: RecordedRequest[] = [
      {
        ...request,
        slot: 3,
        placedAt: 1010,
        computedAt: 1050,
        firstTextAt: 1051,
        endedAt: 1200,
        promptTokens: 300,
        cachedTokens: 100,
        completionTokens: 20,
        chunks: [
          [1030, 128],
          [1050, 72],
        ],
      },
    ]
    const { spans } = serverTrace(recorded({ requests }))
    expect(on(spans, 'slot 3').map(brief)).toEqual([
      ['chat', 10_000, 190_000],
      ['prefill', 10_000, 40_000],
      ['chunk', 10_000, 20_000],
      ['chunk', 30_000, 20_000],
      ['decode', 50_000, 150_000],
    ])
    expect(on(spans, 'slot 3')[0]!.args).toEqual({
      id: 'r',
      model: 'nano',
      queueMillis: 8,
      firstTokenMillis: 51,
      promptTokens: 300,
      cachedTokens: 100,
      completionTokens: 20,
    })
  })

  it('that began before and goes on is cut at both ends', () => {
    const requests = [{ ...request, startedAt: 900, placedAt: 910, computedAt: 950 }]
    const { spans } = serverTrace(recorded({ requests }))
    expect(spans.map(brief)).toEqual([
      ['chat', 0, 1_000_000],
      ['decode', 0, 1_000_000],
    ])
  })

  it('takes another lane where its place seems to be taken, and begins where a little overlaps', () => {
    const requests = [
      { ...request, id: 'a', slot: 1, startedAt: 1100, placedAt: 1100, endedAt: 1200 },
      { ...request, id: 'b', slot: 1, startedAt: 1150, placedAt: 1150, endedAt: 1180 },
      { ...request, id: 'c', slot: 1, startedAt: 1197, placedAt: 1197, endedAt: 1300 },
    ]
    const { spans } = serverTrace(recorded({ requests }))
    const placed = spans.filter(({ category }) => category === 'request')
    expect(placed.map((span) => [...brief(span), span.lane])).toEqual([
      ['chat', 100_000, 100_000, 'slot 1'],
      ['chat', 150_000, 30_000, 'slot 0'],
      ['chat', 200_000, 100_000, 'slot 1'],
    ])
  })

  it('that has no place has a lane all the same', () => {
    const requests = [
      { ...request, operation: 'embeddings', endedAt: 1100 },
      { ...request, operation: 'inference', endedAt: 1090 },
      { ...request, isRelayed: true, endedAt: 1100 },
    ]
    const { spans } = serverTrace(recorded({ requests }))
    expect(spans.map(({ lane, category }) => [lane, category])).toEqual([
      ['elsewhere 0', 'request'],
      ['in passes 0', 'request'],
      ['in passes 1', 'request'],
    ])
  })
})

it('a trace has notes on what was left out', () => {
  expect(serverTrace(recorded({ notes: ['too much'] })).notes).toEqual(['too much'])
  expect(serverTrace(recorded({}))).toEqual({ spans: [], durationMicros: 1_000_000 })
})

it('has spans in order, within the recording, that nest or follow each other in every lane', () => {
  const millis = fc.double({ min: 900, max: 2100, noNaN: true })
  const steps = fc.array(
    fc.record({ gap: fc.nat(20), own: fc.nat(9), native: fc.nat(9), pass: fc.boolean(), waiting: fc.nat(2) }),
    { maxLength: 30 },
  )
  const requests = fc.array(
    fc.record({ slot: fc.nat(3), times: fc.array(millis, { minLength: 4, maxLength: 4 }), keep: fc.nat(4) }),
    { maxLength: 20 },
  )
  fc.assert(
    fc.property(steps, requests, (drawnSteps, drawnRequests) => {
      let now = 950
      const trace = serverTrace(
        recorded({
          steps: drawnSteps.map(({ gap, own, native, pass, waiting }) => {
            now += gap + own + native
            const figures = { millis: own + native, nativeMillis: native, ...(pass && { isPass: true }) }
            return step(now, figures, waiting)
          }),
          requests: drawnRequests.map(({ slot, times, keep }) => {
            const [startedAt, placedAt, computedAt, endedAt] = [...times].sort((a, b) => a - b)
            return {
              ...request,
              slot,
              startedAt: startedAt!,
              ...(keep > 0 && { placedAt: placedAt! }),
              ...(keep > 1 && { computedAt: computedAt!, chunks: [[computedAt!, 5] as const] }),
              ...(keep > 2 && { endedAt: endedAt! }),
            }
          }),
        }),
      )
      const open = new Map<string, Span[]>()
      let last = 0
      for (const span of trace.spans) {
        const { startMicros: start, durationMicros, lane } = span
        const end = start + durationMicros
        expect(start).toBeGreaterThanOrEqual(last)
        expect(durationMicros).toBeGreaterThanOrEqual(0)
        expect(end).toBeLessThanOrEqual(trace.durationMicros)
        last = start
        const around = (open.get(lane) ?? []).filter((each) => each.startMicros + each.durationMicros > start)
        for (const each of around) expect(end).toBeLessThanOrEqual(each.startMicros + each.durationMicros)
        open.set(lane, [...around, span])
      }
    }),
  )
})
