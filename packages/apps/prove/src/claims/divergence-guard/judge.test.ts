import { describe, expect, it } from 'vitest'
import { judgeGuard } from './judge.ts'
import type { DivergenceRaw, GuardedRun } from './measure.ts'

const run = (fields: Partial<GuardedRun>): GuardedRun => ({
  ...{ seed: 1, setting: 'sgd', disturbance: null, guarded: true, validLoss: 0.8, failure: null },
  ...{ interventions: [], stepsAbove100: 0, norms: [] },
  ...fields,
})

/** For each number of broken batches, the losses without the guard and with it. */
function rawOf(losses: Readonly<Record<number, readonly [number | null, number | null]>>): DivergenceRaw {
  const runs = Object.entries(losses).flatMap(([count, [without, guarded]]) => {
    const disturbance = { kind: 'broken-batches', count: Number(count) } as const
    return [
      run({ disturbance, guarded: false, validLoss: without, stepsAbove100: 5 }),
      run({ disturbance, validLoss: guarded, interventions: ['went back'] }),
    ]
  })
  return { classes: 10, steps: 100, runs: [run({}), ...runs] }
}

describe('the verdict on the divergence guard', () => {
  it('is reproduced where every run that is lost without it is saved', () => {
    const judged = judgeGuard(rawOf({ 1: [5, 0.82], 4: [null, 0.8] }), 'quick')
    expect(judged.verdict).toBe('reproduced')
    expect(judged.measured).toMatch(/^2 of 2 lost runs saved, each with (99|100) % /)
  })

  it('is partly so where some are saved, with which', () => {
    const judged = judgeGuard(rawOf({ 1: [5, 0.82], 4: [null, 0.8], 8: [700, null] }), 'quick')
    expect(judged.verdict).toBe('partly')
    expect(judged.reason).toContain('1 of 1 with 4 broken batches, 0 of 1 with 8 broken batches')
  })

  it('is not where none is, and where none was lost', () => {
    expect(judgeGuard(rawOf({ 4: [700, 2.3] }), 'quick').verdict).toBe('not reproduced')
    const harmless = judgeGuard(rawOf({ 4: [0.81, 0.8] }), 'quick')
    expect(harmless).toMatchObject({
      verdict: 'not reproduced',
      measured: 'no disturbed run is lost without the guard',
      reason: expect.not.stringContaining('going back saves it'),
    })
  })

  it('reports runs that a high rate pushes below the limit, without counting them', () => {
    const disturbance = { kind: 'high-rate', times: 8 } as const
    const raw = rawOf({ 4: [700, 0.8] })
    const high = [run({ disturbance, guarded: false, validLoss: 2.3 }), run({ disturbance, validLoss: 2.3 })]
    const { verdict, reason } = judgeGuard({ ...raw, runs: [...raw.runs, ...high] }, 'quick')
    expect(verdict).toBe('reproduced')
    expect(reason).toContain('1 of 1 runs at a rate that is 8 times too high')
  })
})
