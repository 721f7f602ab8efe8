import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue, type QueuePlace } from './fair-queue.ts'
import { urgency } from './urgency.ts'

const place = (fields: Partial<QueuePlace> = {}): QueuePlace => ({
  priority: 0,
  key: '',
  tokens: 1,
  ...fields,
})

const drain = <T>(queue: FairQueue<T>, now = 0): T[] => {
  const items: T[] = []
  for (let next = queue.take(now); next !== undefined; next = queue.take(now)) {
    items.push(next.item)
    queue.done(next.item)
  }
  return items
}

describe('FairQueue', () => {
  it('counts who is ahead and knows who is due next as a look at everyone would', () => {
    const action = fc.oneof(
      fc.record({ priority: fc.integer({ min: -2, max: 2 }), dueAfter: fc.option(fc.nat(300)) }),
      fc.constant('take' as const),
      fc.record({ remove: fc.nat(30) }),
      fc.record({ advance: fc.nat(60) }),
    )
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.constantFrom(50, Infinity), (actions, aging) => {
        const queue = new FairQueue<number>({ maxQueue: 99, agingMillis: aging })
        const waiting = new Map<number, { priority: number; dueAt: number; arrivedAt: number }>()
        let [now, arrivals] = [0, 0]
        for (const action of actions) {
          if (action === 'take') {
            const taken = queue.take(now)
            if (taken !== undefined) waiting.delete(taken.item)
          } else if ('advance' in action) now += action.advance
          else if ('remove' in action) expect(queue.remove(action.remove)).toBe(waiting.delete(action.remove))
          else {
            const { priority, dueAfter } = action
            const due = dueAfter === null ? {} : { dueAt: now + dueAfter }
            queue.offer(arrivals, place({ priority, ...due }), now)
            waiting.set(arrivals, { priority, dueAt: due.dueAt ?? Infinity, arrivedAt: now })
            arrivals += 1
          }
          const all = [...waiting.values()]
          const nextDue = Math.min(Infinity, ...all.map(({ dueAt }) => dueAt))
          expect(queue.nextDue ?? Infinity).toBe(nextDue)
          expect(queue.minPriority ?? Infinity).toBe(
            Math.min(Infinity, ...all.map(({ priority }) => priority)),
          )
          for (const requested of [-2, 0, 1]) {
            const ahead = all.filter(
              ({ priority, arrivedAt }) => urgency(priority, now - arrivedAt, aging) <= requested,
            )
            expect(queue.ahead(requested, now)).toBe(ahead.length)
          }
          const late = [...waiting].filter(([, { dueAt }]) => dueAt <= now - 100).map(([item]) => item)
          expect(queue.removeLate(now - 100)).toEqual(late)
          for (const item of late) waiting.delete(item)
        }
      }),
    )
  })

  it('serves equals in order of arrival whatever comes, leaves and is turned away', () => {
    const action = fc.oneof(
      fc.constant('offer' as const),
      fc.constant('take' as const),
      fc.record({ remove: fc.nat(30) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(action), (maxQueue, actions) => {
        const queue = new FairQueue<number>({ maxQueue })
        let model: number[] = []
        for (const [at, action] of actions.entries()) {
          if (action === 'offer') {
            expect(queue.offer(at, place(), at)).toBe(model.length < maxQueue)
            if (model.length < maxQueue) model.push(at)
          } else if (action === 'take') {
            const first = model.shift()
            expect(queue.peek(at)?.item).toBe(first)
            expect(queue.take(at)?.item).toBe(first)
          } else {
            expect(queue.remove(action.remove)).toBe(model.includes(action.remove))
            model = model.filter((item) => item !== action.remove)
          }
          expect(queue.size).toBe(model.length)
        }
        expect(queue.clear()).toEqual(model)
        expect(queue.size).toBe(0)
      }),
    )
  })

  it('does not count those for whom there is a place', () => {
    const queue = new FairQueue<string>({ maxQueue: 0 })
    expect(queue.offer('a', place(), 0)).toBe(false)
    expect(queue.offer('a', place(), 0, 1)).toBe(true)
    expect(queue.offer('b', place(), 0, 1)).toBe(false)
  })

  it('lets lower priorities go first, and those that wait become more urgent', () => {
    const queue = new FairQueue<string>({ maxQueue: 9, agingMillis: 1000 })
    queue.offer('later', place({ priority: 2 }), 0)
    queue.offer('soon', place({ priority: 1 }), 0)
    queue.offer('now', place({ priority: -1 }), 0)
    expect(queue.ahead(1, 0)).toBe(2)
    expect(queue.take(0)?.item).toBe('now')
    queue.offer('newer', place({ priority: 0 }), 2500)
    expect(queue.peek(2500)?.item).toBe('soon')
    expect(drain(queue, 2500)).toEqual(['soon', 'later', 'newer'])
  })

  it('serves the requests of one key by their deadlines', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    queue.offer('whenever', place(), 0)
    queue.offer('in 9 s', place({ dueAt: 9000 }), 0)
    queue.offer('in 2 s', place({ dueAt: 2000 }), 0)
    expect(queue.nextDue).toBe(2000)
    expect(drain(queue)).toEqual(['in 2 s', 'in 9 s', 'whenever'])
  })

  it('serves one without a deadline as if it were due after a minute', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    queue.offer('whenever', place(), 0)
    queue.offer('after it', place({ dueAt: 60_001 }), 0)
    queue.offer('before it', place({ dueAt: 59_999 }), 0)
    expect(drain(queue)).toEqual(['before it', 'whenever', 'after it'])
  })

  it('counts those of other keys that come before one of a key', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    for (const item of ['a', 'b', 'c']) queue.offer(item, place({ key: 'other', tokens: 10 }), 0)
    expect(queue.ahead(0, 0, 'new')).toBe(1)
    queue.offer('own', place({ key: 'new', tokens: 10 }), 0)
    expect(queue.ahead(0, 0, 'new')).toBe(3)
  })

  it('takes out those whose wait was in vain', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    queue.offer('a', place({ dueAt: 30 }), 0)
    queue.offer('b', place({ dueAt: 20 }), 0)
    queue.offer('c', place(), 0)
    expect(queue.removeLate(19)).toEqual([])
    queue.offer('d', place({ dueAt: 31 }), 0)
    expect(queue.removeLate(30)).toEqual(['a', 'b'])
    expect([queue.size, queue.nextDue]).toEqual([2, 31])
    expect(queue.removeLate(31)).toEqual(['d'])
    expect([queue.size, queue.nextDue]).toEqual([1, undefined])
  })

  it('shares turns between keys by cost, not by number of requests', () => {
    const queue = new FairQueue<string>({ maxQueue: 99 })
    for (let at = 0; at < 6; at += 1) queue.offer(`greedy ${at}`, place({ key: 'greedy', tokens: 10 }), 0)
    queue.offer('modest 0', place({ key: 'modest', tokens: 10 }), 1)
    queue.offer('modest 1', place({ key: 'modest', tokens: 10 }), 1)
    expect(drain(queue, 1).slice(0, 4)).toEqual(['greedy 0', 'modest 0', 'greedy 1', 'modest 1'])
  })

  it('gives the users of a key equal turns of what it gets', () => {
    const queue = new FairQueue<string>({ maxQueue: 99 })
    for (const item of ['a/x 1', 'a/x 2', 'a/x 3', 'a/y 1', 'b 1', 'b 2'])
      queue.offer(item, place({ key: item[0]!, tokens: 10, ...(item[1] === '/' && { user: item[2]! }) }), 0)
    expect(drain(queue)).toEqual(['a/x 1', 'b 1', 'a/y 1', 'b 2', 'a/x 2', 'a/x 3'])
  })

  it('corrects no item that has ended', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    for (const item of ['a1', 'a2']) queue.offer(item, place({ key: 'a' }), 0)
    for (const item of ['b1', 'b2']) queue.offer(item, place({ key: 'b', tokens: 500 }), 0)
    expect(queue.take(0)?.item).toBe('a1')
    queue.done('a1')
    queue.correct('a1', 1000)
    expect(drain(queue)).toEqual(['b1', 'a2', 'b2'])
  })

  it('corrects what serving was thought to cost', () => {
    const queue = new FairQueue<string>({ maxQueue: 9 })
    for (const item of ['a1', 'a2', 'b1', 'b2', 'b3']) queue.offer(item, place({ key: item[0]! }), 0)
    expect([queue.take(0)?.item, queue.take(0)?.item]).toEqual(['a1', 'b1'])
    queue.correct('a1', 1000)
    expect(drain(queue)).toEqual(['b2', 'b3', 'a2'])
  })

  /**
   * Sheng et al., theorem 4.4: while two keys are backlogged, their service, divided by their weights, differs by at most twice
   * the maximum that is served at once.
   */
  it('keeps keys that always have work waiting within the bound of fairness', () => {
    const request = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      tokens: fc.integer({ min: 1, max: 100 }),
    })
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 20, maxLength: 200 }),
        fc.record({ a: fc.constantFrom(1, 2, 5), b: fc.constantFrom(1, 3), c: fc.constant(1) }),
        (requests, weights) => {
          const weightOf = (key: string): number => weights[key as 'a' | 'b' | 'c']
          const queue = new FairQueue<number>({ maxQueue: 1000, weightOf })
          for (const [at, { key, tokens }] of requests.entries()) queue.offer(at, place({ key, tokens }), 0)
          const served = { a: 0, b: 0, c: 0 }
          const left = { a: 0, b: 0, c: 0 }
          for (const { key } of requests) left[key] += 1
          for (let next = queue.take(0); next !== undefined; next = queue.take(0)) {
            const { key, tokens } = requests[next.item]!
            served[key] += tokens / weightOf(key)
            left[key] -= 1
            const backlogged = (['a', 'b', 'c'] as const).filter((each) => left[each] > 0)
            const shares = backlogged.map((each) => served[each])
            if (shares.length > 1)
              expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * 100)
          }
        },
      ),
    )
  })

  describe('between a flood and a trickle', () => {
    const flood = place({ key: 'flood', tokens: 10 })
    const trickle = place({ key: 'trickle', tokens: 10 })
    const flooded = (maxQueue: number): FairQueue<string> => {
      const queue = new FairQueue<string>({ maxQueue, agingMillis: 1000 })
      for (let at = 0; queue.offer(`flood ${at}`, flood, at); at += 1);
      return queue
    }

    it('does not favour long waits: a flood has waited longest', () => {
      const queue = flooded(100)
      queue.take(60_000)
      queue.offer('trickle', trickle, 60_000)
      queue.offer('flood, late', flood, 60_000, 1)
      expect([queue.take(60_001)?.item, queue.take(60_001)?.item]).toContain('trickle')
    })

    it('keeps to shares where those of less priority have become as urgent', () => {
      const queue = new FairQueue<string>({ maxQueue: 200, agingMillis: 1000 })
      for (let at = 0; at < 100; at += 1) queue.offer(`flood ${at}`, { ...flood, priority: 5 }, at)
      for (let at = 0; at < 3; at += 1) queue.take(60_000)
      queue.offer('trickle', trickle, 60_000)
      expect([queue.take(60_001)?.item, queue.take(60_001)?.item]).toContain('trickle')
    })

    it('has room for who has less than its share of a full line, and no end of it', () => {
      const queue = flooded(8)
      expect([queue.size, queue.isFull(0, 'flood'), queue.isFull(0, 'trickle')]).toEqual([8, true, false])
      const entered = ['t1', 't2', 't3', 't4', 't5'].filter((item) => queue.offer(item, trickle, 9))
      expect(entered).toEqual(['t1', 't2', 't3', 't4'])
      for (let key = 0; key < 50; key += 1) queue.offer(`${key}`, place({ key: `${key}` }), 10)
      expect(queue.size).toBe(16)
    })

    it('foresees the wait of each by its share', () => {
      const queue = flooded(100)
      queue.take(100)
      expect(queue.ahead(0, 100)).toBe(99)
      expect(queue.ahead(0, 100, 'flood')).toBe(99)
      expect(queue.ahead(0, 100, 'trickle')).toBeLessThanOrEqual(2)
      for (const item of ['t1', 't2', 't3']) queue.offer(item, trickle, 100, 9)
      expect(queue.ahead(0, 100, 'trickle')).toBeLessThanOrEqual(8)
      expect(queue.ahead(0, 100, 'trickle')).toBeGreaterThanOrEqual(5)
    })

    it('begins for a newcomer where those are who wait, not at one who never has to', () => {
      const queue = new FairQueue<string>({ maxQueue: 1000 })
      queue.offer('rare', place({ key: 'rare', tokens: 10 }), 0)
      queue.take(0)
      for (let at = 0; at < 100; at += 1) queue.offer(`busy ${at}`, place({ key: 'busy', tokens: 10 }), 0)
      for (let at = 0; at < 50; at += 1) queue.done(queue.take(1)!.item)
      for (let at = 0; at < 100; at += 1) queue.offer(`new ${at}`, place({ key: 'new', tokens: 10 }), 1)
      const next = Array.from({ length: 4 }, () => queue.take(1)!.place.key)
      expect(next.filter((key) => key === 'busy')).toHaveLength(2)
    })

    it('owes those who were not urgent enough nothing of what others were served meanwhile', () => {
      const withBatch = (): FairQueue<string> => {
        const queue = new FairQueue<string>({ maxQueue: 1000, agingMillis: 1000 })
        for (let at = 0; at < 100; at += 1) {
          queue.offer(`flood ${at}`, flood, 0)
          queue.offer(`batch ${at}`, place({ key: 'batch', tokens: 10, priority: 5 }), 0)
        }
        for (let at = 0; at < 50; at += 1) expect(queue.take(0)!.place.key).toBe('flood')
        return queue
      }
      const ofNext8 = (queue: FairQueue<string>, now: number, key: string): number =>
        Array.from({ length: 8 }, () => queue.take(now)!.place.key).filter((each) => each === key).length
      const aged = ofNext8(withBatch(), 10_000, 'batch')
      expect(aged).toBeGreaterThanOrEqual(3)
      expect(aged).toBeLessThanOrEqual(5)
      const queue = withBatch()
      for (let at = 0; at < 10; at += 1) queue.offer(`new ${at}`, place({ key: 'new', tokens: 10 }), 0)
      const ofNew = ofNext8(queue, 0, 'new')
      expect(ofNew).toBeGreaterThanOrEqual(3)
      expect(ofNew).toBeLessThanOrEqual(5)
    })

    it('is never longer in between than what one turn of the others takes', () => {
      const arrivals = fc.array(
        fc.record({ key: fc.constantFrom('a', 'b', 'c'), gap: fc.nat(3000), served: fc.nat(3) }),
        { minLength: 10, maxLength: 120 },
      )
      fc.assert(
        fc.property(arrivals, fc.integer({ min: 20, max: 200 }), (others, agingMillis) => {
          const queue = new FairQueue<string>({ maxQueue: 1000, agingMillis })
          let now = 0
          for (const [at, { key, gap, served }] of others.entries()) {
            now += gap
            queue.offer(`${at}`, place({ key, tokens: 10 }), now)
            for (let each = 0; each < served && queue.size > 1; each += 1) queue.done(queue.take(now)!.item)
          }
          // An unknown key starts at the level of the least-served ones.
          queue.offer('new', place({ key: 'new', tokens: 10 }), now)
          let before = 0
          while (queue.take(now)!.item !== 'new') before += 1
          expect(before).toBeLessThanOrEqual(3)
        }),
      )
    })
  })

  it('starves no request, even behind more urgent ones', () => {
    const queue = new FairQueue<string>({ maxQueue: 99, agingMillis: 100 })
    queue.offer('patient', place({ priority: 5 }), 0)
    for (let now = 0; now < 2000; now += 10) {
      queue.offer(`urgent ${now}`, place(), now)
      const { item } = queue.take(now)!
      queue.done(item)
      if (item === 'patient') return expect(now).toBeLessThanOrEqual(510)
    }
    expect.unreachable('it starved')
  })
})
