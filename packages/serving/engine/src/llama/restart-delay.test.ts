import { expect, it } from 'vitest'
import { restartDelay } from './restart-delay.ts'

it('restarts at once, then backs off, for ever', () => {
  expect([1, 2, 3, 4, 20, 2000].map(restartDelay)).toEqual([0, 100, 200, 400, 10_000, 10_000])
})
