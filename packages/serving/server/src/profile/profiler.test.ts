import { ManualClock } from '@hadal/base'
import { createFakeEngine, type Engine, type SlotInfo, type StepReport } from '@hadal/engine'
import { describe, expect, it } from 'vitest'
import { type Requested, RequestRecord } from '../observability/request-record.ts'
import { TimelineFeed } from '../observability/timeline-feed.ts'
import { Profiler } from './profiler.ts'
import { Recording } from './recording.ts'

const never = new AbortController().signal
const report: StepReport = { step: 1, decodeTokens: 1, prefillTokens: 0, running: 1, millis: 2 }

/** An engine whose steps and slots the test controls. */
function engineOf(id: string) {
  const listeners = new Set<(report: StepReport) => void>()
  let slots: SlotInfo[] = []
  const fake = createFakeEngine({ model: { id } })
  const engine: Engine = {
    ...fake,
    snapshot: () => ({ ...fake.snapshot(), waiting: 4, slots }),
    onStep(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
  const step = (placed: Readonly<Record<number, string>> = {}): void => {
    slots = Object.entries(placed).map(([slot, name]) => ({
      slot: Number(slot),
      id: name,
      promptTokens: 1,
      computedTokens: 1,
      generatedTokens: 0,
    }))
    for (const listen of listeners) listen(report)
  }
  return { engine, step, listeners }
}

function recordOf(clock: ManualClock, feed: TimelineFeed, id: string, requested: Partial<Requested> = {}) {
  const record = new RequestRecord(
    {
      clock,
      id,
      method: 'POST',
      route: '/v1/chat/completions',
      path: '/',
      arrivedAt: clock.now(),
      arrivedWall: 0,
      wantsTimeline: false,
      isFollowed: feed.watchers > 0,
      keepsTexts: false,
      span: undefined,
      trace: undefined,
    },
    (one) => feed.began(one),
  )
  record.asks({ operation: 'chat', model: 'nano', answerId: `answer-${id}`, ...requested })
  return record
}

function setup(names: readonly string[] = ['nano']) {
  const clock = new ManualClock(5000)
  const feed = new TimelineFeed(8)
  const engines = names.map(engineOf)
  const loaded = engines.map(({ engine }) => engine)
  const profiler = new Profiler({
    clock,
    requests: feed,
    engines: () => loaded,
    modelOf: (name) => (name === 'adapter' ? 'nano' : name),
  })
  return { clock, feed, engines, profiler }
}

describe('a recording', () => {
  it('has the steps and the requests of its time, and nothing is watched after it', async () => {
    const { clock, feed, engines, profiler } = setup()
    const [{ step, listeners }] = engines as [(typeof engines)[number]]
    const before = recordOf(clock, feed, 'before')
    before.sequence()
    before.end(200)
    feed.ended(before)
    expect([feed.watchers, listeners.size]).toEqual([0, 0])

    const recording = profiler.record({ millis: 1000 }, never)
    expect([feed.watchers, listeners.size]).toEqual([1, 1])
    const ended = recordOf(clock, feed, 'ended')
    expect(ended.start.isFollowed).toBe(true)
    const sequence = ended.sequence()
    clock.advance(10)
    sequence.progress({ promptTokens: 9, cachedTokens: 2, computedTokens: 2, millis: 0 })
    sequence.progress({ promptTokens: 9, cachedTokens: 2, computedTokens: 9, millis: 7 })
    clock.advance(10)
    sequence.wrote(1)
    step({ 5: 'answer-ended' })
    clock.advance(30)
    sequence.cut()
    ended.failed('server_draining')
    ended.end(200)
    feed.ended(ended)
    const open = recordOf(clock, feed, 'open', { operation: 'embeddings', model: 'adapter' })
    const relayed = recordOf(clock, feed, 'relayed', { model: 'far' })
    relayed.relay('http://replica', { promptTokens: 3, completionTokens: 4 })
    clock.advance(950)

    const recorded = await recording
    expect([feed.watchers, listeners.size]).toEqual([0, 0])
    step()
    feed.ended(open)
    expect(recorded).toEqual({
      startedAt: 5000,
      endedAt: 6000,
      steps: [{ model: 'nano', report, reportedAt: 5020, waiting: 4, maxBatchSize: 8, kvCacheUsage: 0 }],
      requests: [
        {
          id: 'ended',
          model: 'nano',
          operation: 'chat',
          arrivedAt: 5000,
          startedAt: 5000,
          slot: 5,
          placedAt: 5010,
          computedAt: 5020,
          firstTextAt: 5020,
          endedAt: 5050,
          promptTokens: 9,
          cachedTokens: 2,
          completionTokens: 1,
          chunks: [[5017, 7]],
          error: 'server_draining',
        },
        // An adapter's requests belong to its model.
        { id: 'open', model: 'nano', operation: 'embeddings', arrivedAt: 5050, startedAt: 5050, chunks: [] },
        {
          id: 'relayed',
          model: 'far',
          operation: 'chat',
          arrivedAt: 5050,
          startedAt: 5050,
          isRelayed: true,
          promptTokens: 3,
          completionTokens: 4,
          chunks: [],
        },
      ],
      notes: [],
    })
  })

  it('distinguishes the sequences of a request', async () => {
    const { clock, feed, engines, profiler } = setup()
    const recording = profiler.record({ millis: 100 }, never)
    const record = recordOf(clock, feed, 'two')
    record.sequence()
    record.sequence()
    engines[0]!.step({ 0: 'answer-two.1', 1: 'answer-two.0' })
    clock.advance(100)
    const { requests } = await recording
    expect(requests.map(({ choice, slot }) => [choice, slot])).toEqual([
      [0, 1],
      [1, 0],
    ])
  })

  it('covers only the requested model', async () => {
    const { clock, feed, engines, profiler } = setup(['nano', 'other'])
    const recording = profiler.record({ millis: 100, model: 'nano' }, never)
    for (const model of ['nano', 'other', 'adapter']) {
      const record = recordOf(clock, feed, model, { model })
      record.end(200)
      feed.ended(record)
    }
    for (const { step } of engines) step()
    const late = engineOf('other')
    profiler.ready(late.engine)
    expect(late.listeners.size).toBe(0)
    clock.advance(100)
    const { steps, requests } = await recording
    expect(steps.map(({ model }) => model)).toEqual(['nano'])
    expect(requests.map(({ id }) => id)).toEqual(['nano', 'adapter'])
  })

  it('has engines that come while it goes on', async () => {
    const { clock, profiler } = setup()
    const recording = profiler.record({ millis: 100 }, never)
    const late = engineOf('late')
    profiler.ready(late.engine)
    late.step()
    clock.advance(100)
    expect((await recording).steps.map(({ model }) => model)).toEqual(['late'])
    expect(late.listeners.size).toBe(0)
    profiler.ready(late.engine)
    expect(late.listeners.size).toBe(0)
  })

  it('ends when its signal aborts', async () => {
    const { feed, engines, profiler } = setup()
    const gone = new AbortController()
    const recording = profiler.record({ millis: 1000 }, gone.signal)
    gone.abort(new Error('gone'))
    await expect(recording).rejects.toThrow('gone')
    expect([feed.watchers, engines[0]!.listeners.size]).toEqual([0, 0])
  })

  it('is one of four at the most', async () => {
    const { clock, profiler } = setup()
    const all = Array.from({ length: 4 }, () => profiler.record({ millis: 10 }, never))
    await expect(profiler.record({ millis: 10 }, never)).rejects.toMatchObject({
      code: 'profile_busy',
      status: 409,
    })
    clock.advance(10)
    await Promise.all(all)
    const next = profiler.record({ millis: 10 }, never)
    clock.advance(10)
    await next
  })

  it('keeps a bounded number of both, and says how many it left out', () => {
    const clock = new ManualClock()
    const feed = new TimelineFeed(8)
    const recording = new Recording(clock, (name) => name, { steps: 3, requests: 2 })
    const { engine, step } = engineOf('nano')
    using _ = recording.watch(engine)
    for (let at = 0; at < 10; at += 1) step({ 0: `answer-${at}` })
    const records = ['a', 'b', 'c'].map((id) => recordOf(clock, feed, id))
    for (const record of records) recording.ended(record)
    const { steps, requests, notes } = recording.finish([recordOf(clock, feed, 'open')])
    expect([steps.length, requests.length]).toEqual([3, 2])
    expect(notes).toEqual([
      '7 more steps came than the 3 that are kept: record for a shorter time',
      '2 more requests came than the 2 that are kept: record for a shorter time',
    ])
  })
})
