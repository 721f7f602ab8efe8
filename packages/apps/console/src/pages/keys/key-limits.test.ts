import { keyChangeSchema, keyCreateSchema } from '@hadal/protocol'
import { describe, expect, it } from 'vitest'
import { budgetUse, changesOf, draftOf, stateOf } from './key-limits.ts'

const nothing = draftOf()
const key = { id: 'k', name: 'blue', prefix: 'hdl_', createdAt: 0 }

describe('limits of a key', () => {
  it('are sent only when changed, and null removes one', () => {
    const was = draftOf({
      requestsPerMinute: 60,
      budget: { unit: 'micros', amount: 12_500_000 },
      models: ['a'],
    })
    expect([was.budgetUnit, was.budget]).toEqual(['money', 12.5])
    expect(changesOf(was, was)).toEqual({})
    const changes = changesOf(
      { ...was, requestsPerMinute: undefined, models: ' a , qwen*，', weight: 0.5 },
      was,
    )
    expect(changes).toEqual({ requestsPerMinute: null, models: ['a', 'qwen*'], weight: 0.5 })
    expect(keyChangeSchema.safeParse(changes).success).toBe(true)
  })

  it('have a budget in tokens or in money, which is sent in millionths', () => {
    const budget = (draft: object) => changesOf({ ...nothing, ...draft }, nothing).budget
    expect(budget({ budgetUnit: 'money', budget: 0.29 })).toEqual({ unit: 'micros', amount: 290_000 })
    expect(budget({ budgetUnit: 'tokens', budget: 5000 })).toEqual({ unit: 'tokens', amount: 5000 })
    expect(budget({ budgetUnit: 'tokens' })).toBeNull()
  })

  it('of a new key are what the server takes', () => {
    const all = changesOf(
      { ...nothing, tokensPerMinute: 9, maxConcurrent: 1, priority: -1, models: 'a', expires: '2030-01-31' },
      nothing,
    )
    expect(all.expiresAt).toBe(Date.UTC(2030, 0, 31))
    expect(keyCreateSchema.parse({ name: 'x', ...all })).toEqual({ name: 'x', ...all })
  })
})

describe('a key', () => {
  it('is revoked, expired or active, by the clock of the server', () => {
    expect(stateOf(key, 10)).toBe('active')
    expect(stateOf({ ...key, expiresAt: 10 }, 10)).toBe('expired')
    expect(stateOf({ ...key, expiresAt: 10, revokedAt: 5 }, 1)).toBe('revoked')
  })

  it('warns before its budget is used up', () => {
    const tone = (tokens: number) =>
      budgetUse({ budget: { unit: 'tokens', amount: 100 } }, { tokens, costMicros: 0 })?.tone
    expect([tone(79), tone(80), tone(100)]).toEqual(['good', 'warn', 'bad'])
    expect(budgetUse({ budget: { unit: 'micros', amount: 0 } }, { tokens: 0, costMicros: 0 })?.tone).toBe(
      'bad',
    )
    expect(budgetUse({}, { tokens: 1, costMicros: 1 })).toBeUndefined()
  })
})
