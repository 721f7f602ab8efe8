import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CallCosts,
  type DraftCandidate,
  DraftRecord,
  expectedTokens,
  planDrafts,
  SharedDraftRecord,
} from './plan-drafts.ts'

/** Measured cost of calls with 1, 2, 4, 8 and 16 rows for a 135M model, in milliseconds. */
const measured = [
  [1, 7.4],
  [2, 16.2],
  [4, 16.7],
  [8, 26.6],
  [16, 39],
] as const
const costsOf = (figures: readonly (readonly [number, number])[]): CallCosts => {
  const costs = new CallCosts()
  for (const [rows, millis] of [...figures, ...figures]) costs.record(rows, millis)
  return costs
}
const alone = (acceptance: number, most = 15): DraftCandidate<string>[] => [{ id: 'a', acceptance, most }]
const lengthOf = (acceptance: number, call: CallCosts, most?: number): number =>
  planDrafts(alone(acceptance, most), 1, 64, { call }).length

describe('planDrafts', () => {
  it('drafts much where drafts are right, nothing where they are wrong', () => {
    const call = costsOf(measured)
    expect(lengthOf(0.95, call)).toBeGreaterThan(3)
    expect(lengthOf(0.3, call)).toBe(0)
    expect(lengthOf(0, call)).toBe(0)
  })

  it('drafts nothing where more rows cost as much as more steps, or where guessing costs too much', () => {
    const linear = costsOf([1, 2, 4, 8, 16].map((rows) => [rows, rows] as const))
    expect(lengthOf(1, linear)).toBe(0)
    const call = costsOf(measured)
    expect(planDrafts(alone(0.9), 1, 64, { call, pass: costsOf([[1, 0.5]]) }).length).toBeGreaterThan(0)
    expect(planDrafts(alone(0.9), 1, 64, { call, pass: costsOf([[1, 7]]) }).length).toBe(0)
  })

  it('tries what it has not measured by doubling, once it knows a step without drafts', () => {
    expect(lengthOf(0.9, new CallCosts(), 8)).toBe(0)
    expect(lengthOf(0.9, costsOf(measured.slice(0, 1)), 8)).toBe(1)
    expect(lengthOf(0.9, costsOf(measured.slice(0, 2)), 8)).toBe(3)
    expect(lengthOf(0.05, costsOf(measured.slice(0, 1)), 8)).toBe(0)
    const eight = Array.from({ length: 8 }, (_, id) => ({ id, acceptance: 0.9, most: 8 }))
    expect(planDrafts(eight, 8, 64, { call: costsOf([[8, 26]]) })).toEqual({
      length: 1,
      ids: [0, 1, 2, 3, 4, 5, 6, 7],
    })
  })

  it('tries no longer drafts than every sequence of the trial can use', () => {
    const candidates = [
      { id: 'short', acceptance: 0.95, most: 1 },
      { id: 'long', acceptance: 0.9, most: 8 },
    ]
    expect(planDrafts(candidates, 3, 64, { call: costsOf([[3, 20]]) })).toEqual({
      length: 1,
      ids: ['short', 'long'],
    })
  })

  it('checks the drafts of some while the others go on without, unless it holds them up', () => {
    const call = costsOf([
      [1, 1],
      [3, 17],
      [64, 18],
    ])
    const candidates = [0.1, 0.97, 0.1].map((acceptance, id) => ({ id, acceptance, most: 8 }))
    expect(planDrafts(candidates, 3, 64, { call })).toMatchObject({
      length: 8,
      ids: expect.arrayContaining([1]),
    })
    expect(planDrafts([candidates[1]!], 3, 64, { call: costsOf(measured) }).ids).toEqual([])
  })

  it('keeps to the rows of a call, and to what each sequence has', () => {
    const candidates = fc.array(
      fc.record({
        acceptance: fc.double({ min: 0, max: 1, noNaN: true }),
        most: fc.integer({ min: 0, max: 16 }),
      }),
      { maxLength: 8 },
    )
    const known = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 64 }), fc.double({ min: 0.1, max: 9, noNaN: true })),
    )
    fc.assert(
      fc.property(
        candidates,
        known,
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 8, max: 64 }),
        (given, figures, others, rows) => {
          const all = given.map((each, id) => ({ ...each, id }))
          const { length, ids } = planDrafts(all, given.length + others, rows, { call: costsOf(figures) })
          expect(new Set(ids).size).toBe(ids.length)
          expect(ids.length === 0).toBe(length === 0)
          expect(ids.length * (1 + length)).toBeLessThanOrEqual(rows)
          for (const id of ids) expect(all[id]!.most).toBeGreaterThanOrEqual(length)
        },
      ),
    )
  })

  it('is the best length there is, by trying all', () => {
    const acceptance = fc.double({ min: 0, max: 1, noNaN: true })
    const steps = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(acceptance, steps, (accepted, increments) => {
        const call = costsOf(
          increments.map(
            (_, at) => [at + 1, increments.slice(0, at + 1).reduce((a, b) => a + b, 1)] as const,
          ),
        )
        const gain = (length: number): number =>
          (1 + expectedTokens(accepted, length)) * (call.of(1)! / call.of(1 + length)!)
        const length = lengthOf(accepted, call, 11)
        const best = Math.max(...Array.from({ length: 11 }, (_, at) => gain(at + 1)))
        if (best > 1.1) expect(gain(length)).toBeCloseTo(best)
        else expect(length).toBe(0)
      }),
    )
  })
})

describe('DraftRecord', () => {
  it('gives each token that was tried a fifth of the weight', () => {
    const after = (proposed: number, accepted: number): number => {
      const record = new DraftRecord(0.5)
      record.record(proposed, accepted)
      return record.acceptance
    }
    expect(after(1, 1)).toBeCloseTo(0.6)
    expect(after(1, 0)).toBeCloseTo(0.4)
    expect(after(2, 2)).toBeCloseTo(0.5 + 0.36 * 0.5)
    // If the first draft token is wrong, the others were not tested.
    expect(after(4, 0)).toBeCloseTo(0.4)
  })

  it('learns how often drafts are right, and unlearns it', () => {
    const record = new DraftRecord()
    for (let step = 0; step < 10; step += 1) record.record(8, 8)
    expect(record.acceptance).toBeGreaterThan(0.95)
    for (let step = 0; step < 20; step += 1) record.record(4, 0)
    expect(record.acceptance).toBeLessThan(0.05)
    record.record(0, 0)
    expect(record.acceptance).toBeLessThan(0.06)
    for (let step = 0; step < 500; step += 1) record.record(0, 0)
    expect(record.acceptance).toBeGreaterThan(0.7)
  })
})

describe('SharedDraftRecord', () => {
  it('shares acceptance with new sequences, and recovers its optimism while no drafts are tried', () => {
    const shared = new SharedDraftRecord()
    for (let step = 0; step < 200; step += 1) shared.record(4, 0)
    expect(shared.begin().acceptance).toBeLessThan(0.05)
    for (let step = 0; step < 200; step += 1) shared.record(0, 0)
    expect(shared.begin().acceptance).toBeLessThan(0.1)
    for (let sequence = 0; sequence < 200; sequence += 1) shared.begin()
    expect(shared.begin().acceptance).toBeGreaterThan(0.7)
  })
})

describe('CallCosts', () => {
  it('reads between what was measured and below it, and knows nothing beyond', () => {
    const costs = costsOf(measured)
    expect(costs.of(4)).toBe(16.7)
    expect(costs.of(6)).toBeCloseTo((16.7 + 26.6) / 2)
    expect(costs.of(17)).toBeUndefined()
    expect(costsOf([[8, 26]]).of(3)).toBe(26)
    expect(new CallCosts().of(1)).toBeUndefined()
  })

  it('knows a cost from its second observation on, and then the lesser', () => {
    const costs = new CallCosts()
    costs.record(4, 90)
    expect(costs.of(4)).toBeUndefined()
    costs.record(4, 20)
    expect(costs.of(4)).toBe(20)
    costs.record(4, 30)
    expect(costs.of(4)).toBeCloseTo(22)
  })

  it('hopes for half the rise beyond what it knows, and for none where it knows little', () => {
    expect(costsOf(measured).atLeast(26)).toBeCloseTo(39 + (10 * (39 - 7.4)) / 15 / 2)
    expect(costsOf(measured.slice(0, 2)).atLeast(8)).toBe(16.2)
    expect(new CallCosts().atLeast(8)).toBe(0)
  })

  it('forgets what it has not seen for long', () => {
    const costs = costsOf([[8, 1000]])
    for (let call = 0; call < 499; call += 1) costs.record(1, 7)
    expect(costs.of(8)).toBe(1000)
    costs.record(1, 7)
    expect(costs.of(8)).toBeUndefined()
  })
})
