/** The short form of `npm run bench kills`. */

import { expect, it } from 'vitest'
import { killRuns } from '../../../bench/kills/kills.ts'

it('a run that is killed at random instants loses no checkpoint, and ends with the bits of one that was not', async () => {
  const { faults, kills, runs } = await killRuns({ kills: 8, seed: 5, steps: 10 })
  expect(faults).toEqual([])
  expect(kills.starting + kills.training + kills.writing).toBe(8)
  expect(runs).toBeGreaterThan(0)
})
