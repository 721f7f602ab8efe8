import { describe, expect, it } from 'vitest'
import { addSteps, kindsOfSteps, type Ledger, stepsOf } from './ledger.ts'

const calm = { noiseMultiplier: 2, sampleRate: 0.1 }
const wild = { noiseMultiplier: 1, sampleRate: 0.1 }

describe('a ledger', () => {
  it('takes steps in their order, and joins those that are alike', () => {
    let ledger: Ledger = []
    for (const kind of [calm, calm, wild, calm]) ledger = addSteps(ledger, { ...kind, steps: 5 })
    expect(ledger).toEqual([
      { ...calm, steps: 10 },
      { ...wild, steps: 5 },
      { ...calm, steps: 5 },
    ])
    expect(stepsOf(ledger)).toBe(20)
    expect(JSON.parse(JSON.stringify(ledger))).toEqual(ledger)
  })

  it('stays as it was when no step is added, and is never written into', () => {
    const ledger: Ledger = Object.freeze([Object.freeze({ ...calm, steps: 1 })])
    expect(addSteps(ledger, { ...wild, steps: 0 })).toBe(ledger)
    expect(addSteps(ledger, { ...calm, steps: 1 })).toEqual([{ ...calm, steps: 2 }])
    expect(ledger[0]!.steps).toBe(1)
  })

  it('has one entry for each kind of steps when it is counted', () => {
    const entries = [calm, wild, calm].map((kind) => ({ ...kind, steps: 2 }))
    expect(kindsOfSteps(entries)).toEqual([
      { ...calm, steps: 4 },
      { ...wild, steps: 2 },
    ])
    expect(kindsOfSteps({ noiseMultiplier: 1, sampleRate: 0, steps: 7 })).toEqual([])
  })

  it.each([
    [{ noiseMultiplier: 0 }, 'noiseMultiplier is 0; it must be a number above 0'],
    [{ noiseMultiplier: Number.NaN }, 'noiseMultiplier is NaN'],
    [{ noiseMultiplier: Number.POSITIVE_INFINITY }, 'noiseMultiplier is Infinity'],
    [{ sampleRate: 1.1 }, 'sampleRate is 1.1; it must be a number from 0 to 1'],
    [{ sampleRate: -0.1 }, 'sampleRate is -0.1'],
    [{ steps: 1.5 }, 'steps is 1.5; it must be a whole number from 0 on'],
    [{ steps: -1 }, 'steps is -1'],
  ])('refuses %o', (wrong, message) => {
    const entry = { ...calm, steps: 1, ...wrong }
    expect(() => addSteps([], entry)).toThrow(message)
    expect(() => kindsOfSteps([entry])).toThrow(message)
    expect(() => kindsOfSteps(entry)).toThrow(expect.objectContaining({ code: 'privacy_ledger_invalid' }))
  })
})
