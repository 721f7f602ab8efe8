import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { type KeyLimits, noLimits } from './key-record.ts'
import { KeyShare, type Need } from './key-share.ts'
import {
  answerReport,
  type Lease,
  type LeaseAnswer,
  type LeaseReport,
  newPool,
  noLease,
  type SharedPool,
} from './lease.ts'
import { ReportNumbers } from './report-numbers.ts'

const limits: KeyLimits = {
  ...noLimits,
  requestsPerMinute: 30,
  tokensPerMinute: 3000,
  maxConcurrent: 4,
  budget: { unit: 'tokens', amount: 2500 },
}
const month = '2026-11'

/** The database's state in memory: reports are applied one after another, and replies may be lost. */
class Shared {
  pool: SharedPool
  readonly leases = new Map<number, Lease & { until: number }>()
  spent = 0
  readonly #limits: KeyLimits

  constructor(given: KeyLimits = limits) {
    this.#limits = given
    this.pool = newPool(given, 0)
  }

  report(gateway: number, report: LeaseReport, now: number) {
    const live = (lease: { until: number } | undefined) => lease !== undefined && lease.until > now
    const own = this.leases.get(gateway)
    const answer = answerReport(report, {
      limits: this.#limits,
      pool: this.pool,
      lease: own === undefined ? noLease : live(own) ? own : { ...noLease, report: own.report },
      others: [...this.leases]
        .filter(([other, lease]) => other !== gateway && live(lease))
        .map(([, lease]) => lease),
      spent: this.spent,
      now,
    })
    this.pool = answer.pool
    this.leases.set(gateway, { ...answer.lease, until: now + 35_000 })
    return answer
  }

  /** The invariant: the total never exceeds a limit. */
  check(now: number): void {
    const leases = [...this.leases.values()].filter((lease) => lease.until > now)
    for (const [kind, limit] of [
      ['requests', 30],
      ['tokens', 3000],
    ] as const) {
      const held = leases.reduce((sum, lease) => sum + lease[kind], 0)
      expect(this.pool[kind].level + this.pool[kind].refundable + held).toBeLessThanOrEqual(limit + 1e-6)
    }
    expect(leases.reduce((sum, lease) => sum + lease.slots, 0)).toBeLessThanOrEqual(4)
  }
}

const act = fc.record({
  wait: fc.integer({ min: 0, max: 2500 }),
  gateway: fc.nat(2),
  kind: fc.constantFrom(
    'ask',
    'ask',
    'ask',
    'ask',
    'beat',
    'slow',
    'slow',
    'flush',
    'flush',
    'loseAnswer',
    'loseReport',
    'away',
  ),
  before: fc.boolean(),
  tokens: fc.integer({ min: 1, max: 500 }),
  used: fc.double({ min: 0.5, max: 1, noNaN: true }),
  ends: fc.constantFrom(0, 1, 1, 2, 4),
})

interface Job {
  readonly gateway: number
  readonly need: Need
  readonly used: number
}

/** Three gateways, one after another, on one clock. */
function run(
  acts: readonly (typeof act extends fc.Arbitrary<infer T> ? T : never)[],
  mayBeAway: boolean,
  given: KeyLimits = limits,
) {
  const shared = new Shared(given)
  const gateways = Array.from({ length: 3 }, () => ({
    share: new KeyShare(given, 0, new ReportNumbers()),
    unflushed: 0,
    flushing: 0,
    /** A reply in flight, and when its report was sent. */
    coming: undefined as { answer: LeaseAnswer; requested: number } | undefined,
  }))
  const arrive = (own: (typeof gateways)[number], now: number): void => {
    if (own.coming !== undefined) own.share.apply(own.coming.answer, own.coming.requested, now)
    own.coming = undefined
  }
  const working: Job[] = []
  const done: { at: number; used: number; isAlone: boolean }[] = []
  let [now, most] = [0, 0]
  for (const { wait, gateway, kind, before, tokens, used, ends } of acts) {
    now += wait
    // A gateway that reaches the database reports regularly that it is alive.
    if (!mayBeAway)
      for (const [at, each] of gateways.entries())
        if (each.share.hasNews(now) && now - (shared.leases.get(at)?.until ?? 0) > -20_000) {
          arrive(each, now)
          each.share.apply(shared.report(at, each.share.report(undefined, now, month), now), now, now)
        }
    const own = gateways[gateway]!
    const { share } = own
    const need = { tokens, budget: tokens }
    const begin = (isAlone: boolean): void => {
      const job = { gateway, need, used: Math.floor(used * tokens) }
      working.push(job)
      done.push({ at: now, used: job.used, isAlone })
    }
    const exchange = (requested: Need | undefined): void =>
      share.apply(shared.report(gateway, share.report(requested, now, month), now), now, now)
    // Requests arrive while a report is in flight.
    if (before && own.coming !== undefined && share.take(need, now, month) === undefined) begin(false)
    if (kind === 'flush' && before) {
      share.flushed(own.flushing + own.unflushed, month)
      shared.spent += own.unflushed
      own.flushing = own.unflushed = 0
    }
    arrive(own, now)
    if (kind === 'slow')
      own.coming = {
        answer: shared.report(gateway, share.report(undefined, now, month), now),
        requested: now,
      }
    else if (kind === 'away' && mayBeAway) {
      if (share.take(need, now, month) === undefined) begin(false)
      else if (share.takeAlone(need, now, month, 3) === undefined) begin(true)
    } else if (kind === 'loseAnswer') shared.report(gateway, share.report(need, now, month), now)
    else if (kind === 'loseReport') share.report(need, now, month)
    else if (kind === 'beat') exchange(undefined)
    else if (kind === 'flush') {
      // It is in the database before the gateway knows.
      share.flushed(own.flushing, month)
      own.flushing = own.unflushed
      shared.spent += own.unflushed
      own.unflushed = 0
    } else {
      let shortage = share.take(need, now, month)
      for (let left = 2; left > 0 && shortage !== undefined; left -= 1) {
        exchange(need)
        shortage = share.take(need, now, month)
      }
      if (shortage === undefined) begin(false)
    }
    most = Math.max(most, working.length)
    for (const job of working.splice(0, ends)) {
      const { share: its } = gateways[job.gateway]!
      its.settle(job.need, { tokens: job.used, budget: job.used }, month)
      its.end()
      gateways[job.gateway]!.unflushed += job.used
    }
    if (!mayBeAway) shared.check(now)
  }
  return { done, most, span: now }
}

/** The maximum over all intervals beyond a full bucket and its refill. */
function over(done: readonly { at: number }[], limit: number, amount: (index: number) => number): number {
  let [level, lowest, at] = [limit, limit, 0]
  done.forEach((each, index) => {
    level = Math.min(limit, level + ((each.at - at) * limit) / 60_000) - amount(index)
    at = each.at
    lowest = Math.min(lowest, level)
  })
  return -Math.min(0, lowest)
}

describe('gateways that share a key', () => {
  it('overshoot nothing, whatever is lost between them and the database', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 150, size: 'max' }), (acts) => {
        const { done, most } = run(acts, false)
        expect(over(done, 30, () => 1)).toBeLessThan(1e-6)
        expect(over(done, 3000, (index) => done[index]!.used)).toBeLessThan(1e-6)
        expect(done.reduce((sum, each) => sum + each.used, 0)).toBeLessThanOrEqual(2500)
        expect(most).toBeLessThanOrEqual(4)
      }),
      { numRuns: runs(100, 300) },
    )
  })

  it('overshoot by what is promised, where the database is away for some of them at times', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 150, size: 'max' }), (acts) => {
        const { done, span } = run(acts, true)
        const promised = (limit: number): number => (limit * (1 + span / 60_000)) / 2
        expect(over(done, 30, () => 1)).toBeLessThanOrEqual(promised(30) + 1e-6)
        expect(over(done, 3000, (index) => done[index]!.used)).toBeLessThanOrEqual(promised(3000) + 1e-6)
      }),
      { numRuns: runs(100, 300) },
    )
  })
})

describe('a budget', () => {
  const budget = { ...noLimits, budget: { unit: 'tokens', amount: 2500 } } as const

  it('is overshot by half of it at most, where the database is away for some gateways at times', () => {
    fc.assert(
      fc.property(fc.array(act, { minLength: 20, maxLength: 150, size: 'max' }), (acts) => {
        // Close enough to each other that no lease expires.
        const near = acts.map((each) => ({ ...each, wait: each.wait / 15 }))
        const used = run(near, true, budget).done.reduce((sum, each) => sum + each.used, 0)
        expect(used).toBeLessThanOrEqual(2500 * 1.5)
      }),
      { numRuns: runs(100, 300) },
    )
  })

  it('is overshot by half a gateway’s share of its last reported balance when that gateway is cut off', () => {
    const shared = new Shared(budget)
    const [cutOff, other] = [
      new KeyShare(budget, 0, new ReportNumbers()),
      new KeyShare(budget, 0, new ReportNumbers()),
    ]
    const one = { tokens: 1, budget: 1 }
    const exchange = (share: KeyShare, gateway: number): void =>
      share.apply(shared.report(gateway, share.report(one, 0, month), 0), 0, 0)
    exchange(cutOff, 0)
    const leased = shared.leases.get(0)!.budget
    const reported = cutOff.budgetLeft - leased
    const used = { cutOff: 0, other: 0 }
    for (let isLeft = true; isLeft; ) {
      isLeft = other.take(one, 0, month) === undefined
      if (isLeft) used.other += 1
      else {
        exchange(other, 1)
        isLeft = other.take(one, 0, month) === undefined
        if (isLeft) used.other += 1
      }
    }
    expect(used.other).toBe(2500 - leased)
    while (cutOff.takeAlone(one, 0, month, 2) === undefined) used.cutOff += 1
    expect(used.cutOff).toBe(Math.floor(leased + reported / 4))
    expect(used.cutOff + used.other).toBeGreaterThan(2500)
  })
})

describe('a budget that is nearly used up', () => {
  it('is not lent again while a report is on its way, where another gateway’s usage stands in its lease and in the sums', () => {
    const budget = { ...noLimits, budget: { unit: 'tokens', amount: 2500 } } as const
    const shared = new Shared(budget)
    const [busy, slow] = [
      new KeyShare(budget, 0, new ReportNumbers()),
      new KeyShare(budget, 0, new ReportNumbers()),
    ]
    const one = { tokens: 1, budget: 1 }
    const used = { busy: 0, slow: 0 }
    const exchange = (share: KeyShare, gateway: number, need?: Need): void =>
      share.apply(shared.report(gateway, share.report(need, 0, month), 0), 0, 0)
    const takeAll = (who: 'busy' | 'slow', share: KeyShare): void => {
      for (; share.take(one, 0, month) === undefined; used[who] += 1) share.settle(one, one, month)
    }
    // One keeps what it leased in advance, the other uses all the rest.
    exchange(slow, 1, one)
    for (let before = -1; before < used.busy; ) {
      before = used.busy
      exchange(busy, 0, one)
      takeAll('busy', busy)
    }
    shared.spent += used.busy
    busy.flushed(used.busy, month)

    // While its reply is in flight, the slow one continues to use its holdings; the other requests more meanwhile.
    const answer = shared.report(1, slow.report(one, 0, month), 0)
    takeAll('slow', slow)
    exchange(busy, 0, one)
    takeAll('busy', busy)
    slow.apply(answer, 0, 0)
    takeAll('slow', slow)
    expect(used.slow).toBeGreaterThan(100)
    expect(used.busy + used.slow).toBeLessThanOrEqual(2500)
  })
})

describe('a share', () => {
  const need = { tokens: 100, budget: 100 }
  const exchange = (shared: Shared, share: KeyShare, gateway: number, now: number, requested?: Need): void =>
    share.apply(shared.report(gateway, share.report(requested, now, month), now), now, now)

  it('returns its unused lease when there are no requests', () => {
    const [shared, share] = [new Shared(), new KeyShare(limits, 0, new ReportNumbers())]
    share.take(need, 0, month)
    exchange(shared, share, 0, 0, need)
    expect(share.take(need, 0, month)).toBeUndefined()
    share.settle(need, { tokens: 10, budget: 10 }, month)
    share.end()
    share.flushed(10, month)
    expect(share.hasNews(100)).toBe(true)
    exchange(shared, share, 0, 5000)
    expect(shared.leases.get(0)).toMatchObject({ requests: 0, tokens: 0, slots: 0, budget: 0 })
    expect(share.hasNews(6000)).toBe(false)
    expect(share.isForgettable(6000)).toBe(false)
    expect(share.isForgettable(10_000_000)).toBe(true)
  })

  it('holds nothing any more when it could not renew its lease', () => {
    const [shared, share] = [new Shared(), new KeyShare(limits, 0, new ReportNumbers())]
    exchange(shared, share, 0, 0, need)
    expect(share.take(need, 29_999, month)).toBeUndefined()
    expect(share.take(need, 30_000, month)).toBe('concurrency')
  })

  it('takes from the shared bucket later what it let in alone', () => {
    const shared = new Shared()
    const [one, other] = [1, 2].map(
      () => new KeyShare({ ...noLimits, requestsPerMinute: 30 }, -60_000, new ReportNumbers()),
    ) as [KeyShare, KeyShare]
    for (let count = 0; count < 7; count += 1) expect(one.takeAlone(need, 0, month, 2)).toBeUndefined()
    exchange(shared, one, 0, 0)
    const taken = { ...need, tokens: 1, budget: 1 }
    let admitted = 0
    for (; ; admitted += 1) {
      exchange(shared, other, 1, 0, taken)
      if (other.take(taken, 0, month) !== undefined) break
      other.settle(taken, taken, month)
      other.end()
    }
    // What the first one leases in advance is unavailable to the other.
    const ahead = shared.leases.get(0)!.requests
    expect(admitted).toBe(30 - 7 - ahead)
  })

  it('goes on alone with half of its part', () => {
    const share = new KeyShare({ ...noLimits, requestsPerMinute: 40 }, -30_000, new ReportNumbers())
    let admitted = 0
    while (share.takeAlone(need, 0, month, 2) === undefined) admitted += 1
    // Half a minute’s worth.
    expect(admitted).toBe(5)
    expect(share.millisUntilAlone('requests', need, 2)).toBeCloseTo(6000)
    expect(share.takeAlone(need, 6000, month, 2)).toBeUndefined()
  })
})
