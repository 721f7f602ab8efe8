import { describe, expect, it } from 'vitest'
import { firstPassDelay } from './first-pass-delay.ts'

const idle = { running: 0, waiting: 1, places: 4, oldestArrivedAt: 100 }

describe('firstPassDelay', () => {
  it('waits what is left of the timeout since the oldest arrival', () => {
    expect(firstPassDelay(idle, 5000, 100)).toBe(5)
    expect(firstPassDelay(idle, 5000, 103.5)).toBe(1.5)
    expect(firstPassDelay(idle, 5000, 200)).toBe(0)
  })

  it('never delays a full pass, a busy engine or an empty queue', () => {
    expect(firstPassDelay({ ...idle, waiting: 4 }, 5000, 100)).toBe(0)
    expect(firstPassDelay({ ...idle, running: 1 }, 5000, 100)).toBe(0)
    expect(firstPassDelay({ ...idle, waiting: 0 }, 5000, 100)).toBe(0)
  })

  it('is off at 0', () => expect(firstPassDelay(idle, 0, 100)).toBe(0))

  it('regression: does not wait for company until one of them is late', () => {
    const state = { running: 0, waiting: 1, places: 4, oldestArrivedAt: 100 }
    expect(firstPassDelay({ ...state, nextDue: 105 }, 10_000, 101)).toBe(0)
    expect(firstPassDelay({ ...state, nextDue: 110 }, 10_000, 101)).toBe(0)
    expect(firstPassDelay({ ...state, nextDue: 111 }, 10_000, 101)).toBe(9)
  })
})
