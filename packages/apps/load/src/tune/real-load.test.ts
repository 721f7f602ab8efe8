import { simulatedCosts } from '@hadal/batching'
import { expect, it } from 'vitest'
import { SlowdownTally } from './real-load.ts'

const step = { perStep: 10, perDecodeToken: 0, perPrefillToken: 0, perAttendedToken: 0 }
const report = { step: 1, decodeTokens: 1, prefillTokens: 0, running: 1, millis: 10 }

it('counts what lies between steps, but not idleness', () => {
  const tally = new SlowdownTally(simulatedCosts({ step }))
  tally.add(report, 10)
  tally.add(report, 25)
  expect(tally.factor).toBeCloseTo(25 / 20)
  tally.add(report, 1000)
  expect(tally.factor).toBeCloseTo(35 / 30)
})

it('is never less than one, and one of nothing', () => {
  const tally = new SlowdownTally(simulatedCosts({ step }))
  expect(tally.factor).toBe(1)
  tally.add({ ...report, millis: 2 }, 2)
  expect(tally.factor).toBe(1)
})
