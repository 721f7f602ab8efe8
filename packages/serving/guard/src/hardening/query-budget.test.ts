import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policySettings } from '../policy/read-policy.ts'
import { resolvePolicy } from '../policy/resolve-policy.ts'
import { type BudgetLimits, budgetLimits, QueryBudget } from './query-budget.ts'

const limits: BudgetLimits = {
  blocked: 3,
  nearMissCost: 0.5,
  forgetMillis: 100,
  forgiven: 0.1,
  lockoutMillis: 250,
  maxCallers: 10,
}
const blocked = { action: 'block', isNearMiss: false, findings: [] } as const
const near = { action: 'allow', isNearMiss: true, findings: [] } as const
const fine = { action: 'allow', isNearMiss: false, findings: [] } as const
const failed = {
  action: 'block',
  isNearMiss: false,
  findings: [{ rule: 'guard.failed', action: 'block' } as never],
} as const
const tooLong = {
  action: 'block',
  isNearMiss: false,
  findings: [{ rule: 'limit.characters', check: 'limits', action: 'block' } as never],
} as const

describe('a budget of queries', () => {
  it('locks out who was blocked too often, says for how long, and lets in again', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 3; at += 1) {
      expect(budget.lockedFor('a', 0)).toBe(0)
      budget.note('a', blocked, 0)
    }
    expect(budget.lockedFor('a', 0)).toBe(250)
    expect(budget.lockedFor('a', 100)).toBe(150)
    expect(budget.lockedFor('b', 0)).toBe(0)
    expect(budget.lockedFor('a', 250)).toBe(0)
    expect(budget.numbers(249).lockedOut).toBe(1)
    expect(budget.numbers(250).lockedOut).toBe(0)
    // 2.5 have decayed by then.
    budget.note('a', blocked, 250)
    expect(budget.lockedFor('a', 250)).toBe(0)
    budget.note('a', blocked, 250)
    budget.note('a', blocked, 250)
    expect(budget.lockedFor('a', 250)).toBe(250)
    expect(budget.numbers(250)).toEqual({ callers: 1, lockedOut: 1, lockouts: 2 })
    expect(budget.locked(300)).toEqual([{ caller: 'a', forMillis: 200 }])
  })

  it('counts near misses for what they cost; too long a text and a check that failed for nothing', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 5; at += 1) budget.note('a', near, 0)
    expect(budget.lockedFor('a', 0)).toBe(0)
    budget.note('a', near, 0)
    expect(budget.lockedFor('a', 0)).toBe(250)
    for (let at = 0; at < 50; at += 1) budget.note('b', at % 2 === 0 ? failed : tooLong, 0)
    expect(budget.numbers(0).callers).toBe(1)
  })

  it.each(['default', 'strict'] as const)(
    'does not lock out a busy %s caller that is blocked at the false positive rate',
    (preset) => {
      const policy = resolvePolicy(policySettings({ preset, budget: {} }))
      const budget = new QueryBudget(budgetLimits(policy)!)
      const { falsePositiveRate, nearMiss } = policy
      const blockEvery = Math.round(1 / falsePositiveRate)
      const nearEvery = Math.round(1 / (falsePositiveRate * (nearMiss - 1)))
      for (let at = 1; at <= 10_000; at += 1)
        budget.note('busy', at % blockEvery === 0 ? blocked : at % nearEvery === 0 ? near : fine, 0)
      expect(budget.numbers(0).lockouts).toBe(0)
      for (let at = 1; at <= 100; at += 1) budget.note('attacker', at % 3 === 0 ? fine : blocked, 0)
      expect(budget.numbers(0).lockouts).toBe(1)
    },
  )

  it('is ended by an administrator', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 3; at += 1) budget.note('a', blocked, 0)
    expect(budget.unlock('a')).toBe(true)
    expect(budget.lockedFor('a', 0)).toBe(0)
    expect(budget.unlock('a')).toBe(false)
  })

  it('tracks a bounded number of callers, and keeps a locked-out caller over those with less debt', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 3; at += 1) budget.note('attacker', blocked, 0)
    for (let at = 0; at < 1000; at += 1) budget.note(`other ${at}`, blocked, 0)
    expect(budget.numbers(0).callers).toBeLessThanOrEqual(10)
    expect(budget.lockedFor('attacker', 0)).toBe(250)
  })

  it('forgets callers that were locked out once before those that owe more', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 3; at += 1) budget.note('once', blocked, 0)
    // The lockout has expired, and a tenth of a blocked query is left.
    for (let at = 0; at < 10; at += 1) budget.note(`other ${at}`, blocked, 290)
    expect(budget.unlock('once')).toBe(false)
    expect(budget.numbers(290).callers).toBe(9)
  })

  it('forgets the caller that owes least', () => {
    const budget = new QueryBudget(limits)
    for (let at = 0; at < 10; at += 1)
      for (const says of [blocked, blocked]) budget.note(`other ${at}`, says, 0)
    budget.note('least', near, 0)
    expect(budget.unlock('least')).toBe(false)
  })

  const traces = fc.array(
    fc.record({
      waits: fc.integer({ min: 0, max: 120 }),
      says: fc.constantFrom(blocked, blocked, blocked, near, fine),
    }),
    { maxLength: 150 },
  )

  it('lets no more through in any span of time than its law says', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const budget = new QueryBudget(limits)
        const through: { at: number; cost: number; forgiven: number }[] = []
        let now = 0
        for (const { waits, says } of trace) {
          now += waits
          if (budget.lockedFor('a', now) > 0) continue
          budget.note('a', says, now)
          const cost = says === blocked ? 1 : says === near ? limits.nearMissCost : 0
          through.push({ at: now, cost, forgiven: says === fine ? limits.forgiven : 0 })
        }
        for (let first = 0; first < through.length; first += 1) {
          let [cost, forgiven] = [0, 0]
          for (let last = first; last < through.length; last += 1) {
            cost += through[last]!.cost
            forgiven += through[last]!.forgiven
            const span = through[last]!.at - through[first]!.at
            expect(cost).toBeLessThanOrEqual(
              limits.blocked + 1 + span / limits.forgetMillis + forgiven + 1e-9,
            )
          }
        }
      }),
    )
  })

  it('forgets everything in the end', () => {
    fc.assert(
      fc.property(traces, (trace) => {
        const budget = new QueryBudget(limits)
        let now = 0
        for (const { waits, says } of trace) {
          now += waits
          budget.note('a', says, now)
        }
        now += Math.max((limits.blocked + 1) * limits.forgetMillis, limits.lockoutMillis)
        expect(budget.lockedFor('a', now)).toBe(0)
        budget.note('a', fine, now)
        expect(budget.numbers(now).callers).toBe(0)
      }),
    )
  })

  it('is not confused by a clock that goes back', () => {
    const budget = new QueryBudget(limits)
    budget.note('a', blocked, 1000)
    budget.note('a', blocked, 0)
    budget.note('a', blocked, 1000)
    expect(budget.lockedFor('a', 1000)).toBe(250)
  })
})
