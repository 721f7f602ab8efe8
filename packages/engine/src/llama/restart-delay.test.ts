import { describe, expect, it } from 'vitest'
import { restartDelay } from './restart-delay.ts'

describe('restartDelay', () => {
  it('restarts at once, then backs off', () => {
    expect([1, 2, 3, 4, 20].map((deaths) => restartDelay(deaths, 0))).toEqual([0, 100, 200, 400, 10_000])
  })

  it('gives up on a process that never becomes ready', () => {
    expect([1, 2, 3].map((starts) => restartDelay(starts, starts))).toEqual([0, 100, 200])
    expect(restartDelay(4, 4)).toBeUndefined()
  })
})
