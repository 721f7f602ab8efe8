import { ManualClock } from '@hadal/base'
import { describe, expect, it } from 'vitest'
import { KeepAlive } from './keep-alive.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe('KeepAlive', () => {
  it('speaks after each silence, and not while something is heard', async () => {
    const clock = new ManualClock()
    let spoken = 0
    const alive = new KeepAlive(clock, 100, () => (spoken += 1))
    const pass = async (millis: number): Promise<number> => {
      clock.advance(millis)
      await turn()
      return spoken
    }
    expect(await pass(99)).toBe(0)
    expect(await pass(1)).toBe(1)
    expect(await pass(60)).toBe(1)
    alive.heard()
    expect(await pass(60)).toBe(1)
    expect(await pass(40)).toBe(2)
    alive[Symbol.dispose]()
    expect(await pass(1000)).toBe(2)
  })
})
