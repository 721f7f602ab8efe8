import type { Run } from '@hadal/train'
import { describe, expect, it } from 'vitest'
import { planTrial, runTrial } from './trial.ts'

describe('a trial', () => {
  it('is interrupted between its first step and its last, and goes on from an earlier one', () => {
    for (let steps = 4; steps <= 200; steps += 1)
      for (const epoch of [undefined, 1, 2.5, 3, 4, 7]) {
        const { saveEvery, killIn, stopAfter } = planTrial(steps, epoch)
        expect(saveEvery).toBeGreaterThanOrEqual(1)
        expect(killIn).toBeGreaterThan(saveEvery + 1)
        expect(killIn).toBeLessThanOrEqual(steps)
        expect(stopAfter).toBeGreaterThan(saveEvery)
        expect(stopAfter).toBeLessThan(steps)
      }
  })

  it('saves in the middle of an epoch where it can', () => {
    expect(planTrial(12, 3).saveEvery).toBe(4)
    expect(planTrial(12, 5).saveEvery).toBe(3)
    expect(planTrial(4, 1).saveEvery).toBe(1)
  })

  it('is refused where it is too short to be interrupted', async () => {
    const run = { schedule: { totalSteps: 3 } } as Run
    await expect(
      runTrial(run, { kind: 'trial', folder: 'never-made', steps: 12, end: 'killed' }),
    ).rejects.toMatchObject({ code: 'verify_resume_too_short' })
  })
})
