import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DraftRecord, draftLength, expectedTokens, StepCosts } from './draft-length.ts'

/** What steps of 1, 2, 4, 8 and 16 rows cost a 135M model here, in milliseconds. */
const measured = [
  [1, 7.4],
  [2, 16.2],
  [4, 16.7],
  [8, 26.6],
  [16, 39],
] as const
const costsOf = (figures: readonly (readonly [number, number])[]): StepCosts => {
  const costs = new StepCosts()
  for (const [rows, millis] of figures) costs.record(rows, millis)
  return costs
}
const one = { rows: 1, tokens: 1 }

describe('draftLength', () => {
  it('drafts much where drafts are right, nothing where they are wrong', () => {
    const costs = costsOf(measured)
    expect(draftLength(0.95, one, 15, costs)).toBeGreaterThan(3)
    expect(draftLength(0.3, one, 15, costs)).toBe(0)
    expect(draftLength(0, one, 15, costs)).toBe(0)
  })

  it('drafts nothing where more rows cost as much as more steps', () => {
    const costs = costsOf([1, 2, 4, 8, 16].map((rows) => [rows, rows] as const))
    expect(draftLength(1, one, 15, costs)).toBe(0)
  })

  it('tries what it has not measured, once it knows a step alone', () => {
    expect(draftLength(0.9, one, 8, new StepCosts())).toBe(0)
    expect(draftLength(0.9, one, 8, costsOf([[1, 7]]))).toBe(1)
    expect(
      draftLength(
        0.9,
        one,
        8,
        costsOf([
          [1, 7],
          [2, 16],
        ]),
      ),
    ).toBe(2)
    expect(
      draftLength(
        0.9,
        one,
        8,
        costsOf([
          [1, 7],
          [2, 16],
          [3, 16.5],
        ]),
      ),
    ).toBe(4)
    expect(draftLength(0.05, one, 8, costsOf([[1, 7]]))).toBe(0)
  })

  it('is the best length there is, by trying all', () => {
    const acceptance = fc.double({ min: 0, max: 1, noNaN: true })
    const steps = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(acceptance, steps, fc.integer({ min: 1, max: 4 }), (accepted, increments, rows) => {
        const costs = costsOf(
          increments.map(
            (_, at) => [at + 1, increments.slice(0, at + 1).reduce((a, b) => a + b, 1)] as const,
          ),
        )
        const most = 12 - rows
        const gain = (length: number): number =>
          ((rows + expectedTokens(accepted, length)) / rows) * (costs.of(rows)! / costs.of(rows + length)!)
        const length = draftLength(accepted, { rows, tokens: rows }, most, costs)
        const best = Math.max(...Array.from({ length: most }, (_, at) => gain(at + 1)))
        if (best > 1.1) expect(gain(length)).toBeCloseTo(best)
        else expect(length).toBe(0)
      }),
    )
  })
})

describe('DraftRecord', () => {
  it('learns how often drafts are right, and unlearns it', () => {
    const record = new DraftRecord()
    for (let step = 0; step < 10; step += 1) record.record(8, 8)
    expect(record.acceptance).toBeGreaterThan(0.95)
    for (let step = 0; step < 20; step += 1) record.record(4, 0)
    expect(record.acceptance).toBeLessThan(0.05)
    record.record(0, 0)
    expect(record.acceptance).toBeLessThan(0.06)
    for (let step = 0; step < 100; step += 1) record.record(0, 0)
    expect(record.acceptance).toBeGreaterThan(0.4)
  })
})

describe('StepCosts', () => {
  it('reads between what was measured, and knows nothing beyond', () => {
    const costs = costsOf(measured)
    expect(costs.of(4)).toBe(16.7)
    expect(costs.of(6)).toBeCloseTo((16.7 + 26.6) / 2)
    expect(costs.of(17)).toBeUndefined()
    expect(new StepCosts().of(1)).toBeUndefined()
  })
})
