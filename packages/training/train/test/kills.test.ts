/** The short form of `npm run bench kills`. */

import { expect, it } from 'vitest'
import { killRuns } from '../../../../bench/kills/kills.ts'
import { runs } from '../../../kernel/base/test/slow-tests.ts'

it('a run that is killed at random instants loses no checkpoint, and ends with the bits of one that was not', async () => {
  const wanted = runs(2, 20)
  const { faults, kills, runs: finished } = await killRuns({ kills: wanted, seed: 5, steps: 10 })
  expect(faults).toEqual([])
  expect(kills.starting + kills.training + kills.writing).toBe(wanted)
  expect(finished).toBeGreaterThan(0)
})
