import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cpuMillis } from '../../../kernel/base/test/cpu-millis.ts'
import { BatchQueue } from './batch-queue.ts'
import type { BatchQueueOptions } from './queue-options.ts'

const queue = (options: BatchQueueOptions = {}) => new BatchQueue<string>({ maxBatchSize: 2, ...options })
const take = (from: BatchQueue<string>, now: number): readonly string[] =>
  from.decide(now, { mayTake: true }).batch?.items ?? []

/** The behaviour of Triton's dynamic batcher with the same settings. */
describe('BatchQueue', () => {
  it('waits as long as its oldest may, then sends what there is', () => {
    const waiting = queue({ maxBatchSize: 4, timeoutMicros: 5000 })
    waiting.enter('a', 1, 100)
    waiting.enter('b', 1, 103)
    expect(waiting.decide(104, { mayTake: true })).toEqual({ expired: [], batch: undefined, wakeAt: 105 })
    const { batch } = waiting.decide(105, { mayTake: true })
    expect(batch).toEqual({ items: ['a', 'b'], tokens: 2, paddedTokens: 2, waitedMillis: 7 })
    expect(waiting.size).toBe(0)
  })

  it('wakes for the delay or for whose time is over, whichever comes first; while all are busy only for that', () => {
    const waiting = queue({ timeoutMicros: 5000, queuePolicy: { defaultTimeoutMicros: 8000 } })
    waiting.enter('a', 1, 0)
    expect(waiting.decide(0, { mayTake: true }).wakeAt).toBe(5)
    expect(waiting.decide(0, { mayTake: false }).wakeAt).toBe(8)
    waiting.remove('a')
    waiting.enter('b', 1, 0, { timeoutMicros: 2000 })
    expect(waiting.decide(0, { mayTake: true }).wakeAt).toBe(2)
  })

  it.each([
    ['a batch is full', { maxBatchSize: 3 }, 1],
    ['a size is preferred', { maxBatchSize: 9, preferredBatchSizes: [3, 5] }, 1],
    ['no more tokens fit', { maxBatchSize: 9, maxBatchTokens: 12 }, 5],
  ])('waits no longer as soon as %s', (_, limits, tokens) => {
    const waiting = queue({ timeoutMicros: 5000, ...limits })
    for (const [at, item] of ['a', 'b'].entries()) {
      waiting.enter(item, 1, at)
      expect(waiting.decide(at, { mayTake: true })).toMatchObject({ batch: undefined, wakeAt: 5 })
    }
    waiting.enter('c', tokens, 2)
    expect(take(waiting, 2)).toHaveLength(tokens === 1 ? 3 : 2)
  })

  it('waits anew when the oldest item leaves, and after each batch', () => {
    const waiting = queue({ maxBatchSize: 9, timeoutMicros: 5000 })
    waiting.enter('a', 1, 0)
    waiting.enter('b', 1, 2)
    expect(waiting.decide(2, { mayTake: true }).wakeAt).toBe(5)
    waiting.remove('a')
    expect(waiting.decide(3, { mayTake: true }).wakeAt).toBe(7)
    expect(take(waiting, 7)).toEqual(['b'])
    waiting.enter('c', 1, 8)
    expect(waiting.decide(8, { mayTake: true }).wakeAt).toBe(13)
  })

  it('decides quickly while a large batch gathers one by one', () => {
    const waiting = new BatchQueue<number>({ maxBatchSize: 20_000, timeoutMicros: 1e9 })
    const millis = cpuMillis(() => {
      for (let item = 0; item < 19_999; item += 1) {
        waiting.enter(item, 1, item)
        expect(waiting.decide(item, { mayTake: true }).batch).toBeUndefined()
      }
    })
    // Takes minutes if every arrival triggers a new plan.
    expect(millis).toBeLessThan(20_000)
  })

  it('does not wait when no more items can arrive', () => {
    const waiting = queue({ timeoutMicros: 5000 })
    waiting.enter('a', 1, 0)
    expect(waiting.decide(0, { mayTake: true, moreMayCome: false }).batch?.items).toEqual(['a'])
  })

  it('serves level 1 before 2, each in order, and the default level where none is said', () => {
    const waiting = queue({ maxBatchSize: 1, priorityLevels: 3, defaultPriorityLevel: 2 })
    waiting.enter('low', 1, 0, { priority: 3 })
    waiting.enter('first', 1, 1)
    waiting.enter('second', 1, 2, { priority: 2 })
    waiting.enter('high', 1, 3, { priority: 1 })
    expect([1, 2, 3, 4, 5].flatMap((now) => take(waiting, now))).toEqual(['high', 'first', 'second', 'low'])
  })

  it('rejects whose time is over, to the microsecond', () => {
    const waiting = queue({ queuePolicy: { defaultTimeoutMicros: 2500 } })
    waiting.enter('a', 1, 0)
    waiting.enter('b', 1, 1)
    expect(waiting.decide(2.4, { mayTake: false }).expired).toEqual([])
    expect(waiting.decide(2.5, { mayTake: false })).toEqual({ expired: ['a'], batch: undefined, wakeAt: 3.5 })
    expect(take(waiting, 3)).toEqual(['b'])
  })

  it('delays whose time is over behind the others of its level, but before lower levels', () => {
    const waiting = queue({
      maxBatchSize: 1,
      priorityLevels: 2,
      defaultPriorityLevel: 1,
      queuePolicy: { defaultTimeoutMicros: 1000, timeoutAction: 'delay' },
    })
    waiting.enter('late', 1, 0)
    waiting.enter('later', 1, 0.5)
    waiting.enter('low', 1, 1.5, { priority: 2 })
    waiting.enter('in time', 1, 1.5)
    expect([2, 2, 2, 2].flatMap((now) => take(waiting, now))).toEqual(['in time', 'late', 'later', 'low'])
    // Among these, ordered by expiry.
    waiting.enter('second', 1, 5, { timeoutMicros: 900 })
    waiting.enter('first', 1, 5, { timeoutMicros: 500 })
    expect([6, 6].flatMap((now) => take(waiting, now))).toEqual(['first', 'second'])
  })

  it('lets an item shorten its time, never lengthen it, and only where that is allowed', () => {
    const policy = { defaultTimeoutMicros: 5000 }
    const expiries = (allowTimeoutOverride: boolean, ...given: number[]) =>
      given.map((timeoutMicros) => {
        const waiting = queue({ queuePolicy: { ...policy, allowTimeoutOverride } })
        waiting.enter('a', 1, 0, { timeoutMicros })
        return waiting.decide(0, { mayTake: false }).wakeAt
      })
    expect(expiries(true, 2000, 9000, 0)).toEqual([2, 5, 5])
    expect(expiries(false, 2000, 9000, 0)).toEqual([5, 5, 5])
  })

  it('bounds each level by itself, those that are delayed included', () => {
    const waiting = queue({
      priorityLevels: 2,
      defaultPriorityLevel: 1,
      queuePolicy: { maxQueueSize: 2, defaultTimeoutMicros: 1000, timeoutAction: 'delay' },
      priorityQueuePolicy: { 2: { maxQueueSize: 0 } },
    })
    const enter = (name: string, priority: number, now: number) => waiting.enter(name, 1, now, { priority })
    expect([enter('a', 1, 0), enter('b', 1, 5)]).toEqual([true, true])
    waiting.decide(5, { mayTake: false })
    expect(enter('c', 1, 5)).toBe(false)
    expect(['d', 'e', 'f'].map((name) => enter(name, 2, 5))).toEqual([true, true, true])
    expect(waiting.remove('a')).toBe(true)
    expect(waiting.remove('a')).toBe(false)
    expect(enter('c', 1, 5)).toBe(true)
  })

  it('refuses the second item where one may wait', () => {
    const waiting = queue({ queuePolicy: { maxQueueSize: 1 } })
    expect(['a', 'b'].map((item) => waiting.enter(item, 1, 0))).toEqual([true, false])
  })

  it('leaves behind for its length so often and no oftener', () => {
    const batches = (maxPassedOver: number) => {
      const waiting = queue({ maxBatchSize: 4, maxPassedOver, maxPaddingShare: 0.2 })
      for (const tokens of [10, 900, 90, 500]) waiting.enter(`${tokens}`, tokens, 0)
      return [1, 2, 3, 4].map((now) => take(waiting, now))
    }
    expect(batches(3)).toEqual([['10'], ['900'], ['90'], ['500']])
    expect(batches(2)).toEqual([['10'], ['900'], ['90', '500'], []])
    expect(batches(1)).toEqual([['10'], ['900', '90', '500'], [], []])
    expect(batches(0)).toEqual([['10', '900', '90', '500'], [], [], []])
  })

  it.each([
    [{ maxBatchSize: 0 }, 'maxBatchSize'],
    [{ maxBatchSize: 1.5 }, 'maxBatchSize'],
    [{ maxBatchTokens: 0 }, 'maxBatchTokens'],
    [{ timeoutMicros: -1 }, 'timeoutMicros'],
    [{ timeoutMicros: Number.NaN }, 'timeoutMicros'],
    [{ preferredBatchSizes: [3] }, 'preferredBatchSizes'],
    [{ maxPaddingShare: 2 }, 'maxPaddingShare'],
    [{ maxPassedOver: -1 }, 'maxPassedOver'],
    [{ priorityLevels: 0 }, 'priorityLevels'],
    [{ priorityLevels: 2 }, 'defaultPriorityLevel'],
    [{ priorityLevels: 2, defaultPriorityLevel: 3 }, 'defaultPriorityLevel'],
    [{ priorityQueuePolicy: { 2: {} } }, 'priorityQueuePolicy'],
    [{ queuePolicy: { maxQueueSize: -1 } }, 'maxQueueSize'],
    [{ queuePolicy: { defaultTimeoutMicros: -1 } }, 'defaultTimeoutMicros'],
    [{ queuePolicy: { timeoutAction: 'drop' as 'delay' } }, 'timeoutAction'],
  ])('refuses %j', (options, name) => {
    expect(() => queue(options)).toThrow(
      expect.objectContaining({
        code: 'batch_option_invalid',
        message: expect.stringContaining(`${name} is`),
      }),
    )
  })

  it('refuses a level that it does not have, and a time that is none', () => {
    const waiting = queue()
    expect(() => waiting.enter('a', 1, 0, { priority: 2 })).toThrow('priority is 2')
    expect(() => waiting.enter('a', 1, 0, { timeoutMicros: -2 })).toThrow('timeoutMicros is -2')
    expect(waiting.size).toBe(0)
  })
})

interface Arrival {
  readonly gapMillis: number
  readonly tokens: number
  readonly priority: number
}

const arrivals = fc.array(
  fc.record({
    gapMillis: fc.integer({ min: 0, max: 6 }),
    tokens: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 120 })),
    priority: fc.integer({ min: 1, max: 2 }),
  }),
  { minLength: 1, maxLength: 40 },
)

/** One server that takes `batchMillis` per batch, in virtual time that jumps from event to event. */
function simulate(options: BatchQueueOptions, traffic: readonly Arrival[], batchMillis: number) {
  const waiting = new BatchQueue<number>({ priorityLevels: 2, defaultPriorityLevel: 1, ...options })
  const cameAt: number[] = []
  const batches: { at: number; items: readonly number[]; waitingBefore: number; freeSince: number }[] = []
  const expired: { at: number; item: number }[] = []
  let now = 0
  let nextArrival = traffic[0]!.gapMillis
  let freeAt = 0
  for (let turn = 0; cameAt.length < traffic.length || waiting.size > 0; turn += 1) {
    expect(turn).toBeLessThan(2000)
    while (cameAt.length < traffic.length && nextArrival <= now) {
      const { tokens, priority } = traffic[cameAt.length]!
      waiting.enter(cameAt.length, tokens, now, { priority })
      cameAt.push(now)
      nextArrival = now + (traffic[cameAt.length]?.gapMillis ?? Number.POSITIVE_INFINITY)
    }
    const waitingBefore = waiting.size
    const decision = waiting.decide(now, { mayTake: freeAt <= now })
    for (const item of decision.expired) expired.push({ at: now, item })
    if (decision.batch !== undefined) {
      batches.push({ at: now, items: decision.batch.items, waitingBefore, freeSince: freeAt })
      freeAt = now + batchMillis
      continue
    }
    const busyUntil = freeAt > now ? freeAt : Number.POSITIVE_INFINITY
    const next = Math.min(decision.wakeAt, busyUntil, cameAt.length < traffic.length ? nextArrival : Infinity)
    expect(next).toBeGreaterThan(now)
    now = next
  }
  return { batches, expired, cameAt }
}

describe('BatchQueue, whatever comes', () => {
  const options = fc.record({
    maxBatchSize: fc.integer({ min: 1, max: 5 }),
    timeoutMicros: fc.integer({ min: 0, max: 10 }).map((millis) => millis * 1000),
    maxPassedOver: fc.integer({ min: 0, max: 3 }),
    maxPaddingShare: fc.constantFrom(0, 0.5, 1),
  })
  const batchMillis = fc.integer({ min: 0, max: 12 })

  it('serves every item once, and is never idle when an item has waited long enough', () => {
    fc.assert(
      fc.property(options, arrivals, batchMillis, (given, traffic, millis) => {
        const { batches, cameAt } = simulate(given, traffic, millis)
        expect(batches.flatMap(({ items }) => items).sort((a, b) => a - b)).toEqual([...traffic.keys()])
        for (const { at, items, freeSince } of batches) {
          const oldest = Math.min(...items.map((item) => cameAt[item]!))
          const latest = Math.max(...items.map((item) => cameAt[item]!))
          expect(at).toBeLessThanOrEqual(Math.max(freeSince, latest, oldest + given.timeoutMicros / 1000))
        }
      }),
    )
  })

  it('delays no item beyond its timeout plus the current batch, when all fit into one batch', () => {
    fc.assert(
      fc.property(options, arrivals, batchMillis, (given, traffic, millis) => {
        const roomy = { ...given, maxBatchSize: traffic.length, maxPaddingShare: 1 }
        const { batches, cameAt } = simulate(roomy, traffic, millis)
        for (const { at, items } of batches)
          for (const item of items)
            expect(at - cameAt[item]!).toBeLessThanOrEqual(given.timeoutMicros / 1000 + millis)
      }),
    )
  })

  it('passes no item over because of its length more often than maxPassedOver, once it is due', () => {
    fc.assert(
      fc.property(options, arrivals, batchMillis, (given, traffic, millis) => {
        const oneLevel = traffic.map((arrival) => ({ ...arrival, priority: 1 }))
        const { batches } = simulate(given, oneLevel, millis)
        const sentIn = new Map(batches.flatMap(({ items }, at) => items.map((item) => [item, at] as const)))
        for (const item of oneLevel.keys()) {
          // Batches that took a later arrival while this item waited with less than a full batch ahead of it.
          const overtaken = batches.slice(0, sentIn.get(item)).filter((batch, at) => {
            const before = [...oneLevel.keys()].filter(
              (other) => other < item && sentIn.get(other)! >= at,
            ).length
            return before < given.maxBatchSize && batch.items.some((other) => other > item)
          })
          expect(overtaken.length).toBeLessThanOrEqual(given.maxPassedOver)
        }
      }),
    )
  })

  it('rejects exactly at the end of the time that an item has, and serves no such item', () => {
    fc.assert(
      fc.property(
        options,
        arrivals,
        batchMillis,
        fc.integer({ min: 1, max: 8 }),
        (given, traffic, millis, patience) => {
          const queuePolicy = { defaultTimeoutMicros: patience * 1000 }
          const { batches, expired, cameAt } = simulate({ ...given, queuePolicy }, traffic, millis)
          for (const { at, item } of expired) expect(at).toBe(cameAt[item]! + patience)
          const served = batches.flatMap(({ items }) => items)
          for (const { at, items } of batches)
            for (const item of items) expect(at).toBeLessThan(cameAt[item]! + patience)
          expect([...served, ...expired.map(({ item }) => item)].sort((a, b) => a - b)).toEqual([
            ...traffic.keys(),
          ])
        },
      ),
    )
  })

  it('gives the same batches for the same arrivals', () => {
    fc.assert(
      fc.property(options, arrivals, batchMillis, (given, traffic, millis) => {
        expect(simulate(given, traffic, millis)).toEqual(simulate(given, traffic, millis))
      }),
    )
  })
})
