import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Turns } from './turns.ts'

describe('Turns', () => {
  it('admits up to N at a time, in order', async () => {
    const turns = new Turns(3)
    const order: number[] = []
    let inside = 0
    let most = 0
    const visit = async (name: number) => {
      using _ = await turns.take()
      order.push(name)
      inside += 1
      most = Math.max(most, inside)
      await setImmediate()
      inside -= 1
    }
    await Promise.all(Array.from({ length: 20 }, (_, name) => visit(name)))
    expect(order).toEqual(Array.from({ length: 20 }, (_, name) => name))
    expect(most).toBe(3)
  })

  it('goes on after a turn that throws', async () => {
    const turns = new Turns(1)
    const fail = async () => {
      using _ = await turns.take()
      throw new Error('in its turn')
    }
    await expect(fail()).rejects.toThrow('in its turn')
    using turn = await turns.take()
    expect(turn).toBeDefined()
  })
})
