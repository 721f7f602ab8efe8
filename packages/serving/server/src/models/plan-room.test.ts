import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planRoom, type Resident } from './plan-room.ts'

const residents = fc.array(
  fc.record({
    bytes: fc.integer({ min: 0, max: 100 }),
    pinned: fc.boolean(),
    uses: fc.integer({ min: 0, max: 2 }),
    lastUsedAt: fc.integer({ min: 0, max: 50 }),
  }),
  { maxLength: 8 },
)
const sizes = fc.integer({ min: 0, max: 300 })
const bytesOf = (models: readonly Resident[]): number => models.reduce((sum, { bytes }) => sum + bytes, 0)

describe('planRoom', () => {
  it('makes room that is enough, never of pinned models, and no more than must', () => {
    fc.assert(
      fc.property(residents, sizes, sizes, (models, need, budgetBytes) => {
        const plan = planRoom(need, models, { budgetBytes })
        if (plan.kind === 'never') return
        const gone: readonly Resident[] = plan.kind === 'fits' ? [] : plan.gone
        const kept = models.filter((model) => !gone.includes(model))
        expect(bytesOf(kept) + need).toBeLessThanOrEqual(budgetBytes)
        expect(gone.some(({ pinned }) => pinned)).toBe(false)
        for (const one of gone) expect(bytesOf([...kept, one]) + need).toBeGreaterThan(budgetBytes)
        expect(plan.kind === 'wait').toBe(gone.some(({ uses }) => uses > 0))
      }),
    )
  })

  it('gives up exactly when the pinned ones leave too little', () => {
    fc.assert(
      fc.property(residents, sizes, sizes, (models, need, budgetBytes) => {
        const pinned = bytesOf(models.filter((model) => model.pinned))
        const plan = planRoom(need, models, { budgetBytes })
        expect(plan.kind === 'never').toBe(pinned + need > budgetBytes)
      }),
    )
  })

  it('takes idle models before busy ones, and those that were used longest ago', () => {
    const model = (uses: number, lastUsedAt: number): Resident => ({
      bytes: 10,
      pinned: false,
      uses,
      lastUsedAt,
    })
    const [busy, recent, old] = [model(1, 0), model(0, 9), model(0, 5)]
    const all = [busy, recent, old]
    expect(planRoom(10, all, { budgetBytes: 30 })).toEqual({ kind: 'unload', gone: [old] })
    expect(planRoom(20, all, { budgetBytes: 30 })).toMatchObject({ kind: 'unload', gone: [recent, old] })
    expect(planRoom(30, all, { budgetBytes: 30 })).toMatchObject({ kind: 'wait' })
    expect(planRoom(10, all, { maxModels: 3 })).toEqual({ kind: 'unload', gone: [old] })
    expect(planRoom(10, all, {})).toEqual({ kind: 'fits' })
    expect(planRoom(1, [], { maxModels: 0 })).toMatchObject({ kind: 'never' })
  })
})
