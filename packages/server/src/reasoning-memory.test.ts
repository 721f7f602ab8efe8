import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReasoningMemory } from './reasoning-memory.ts'

describe('ReasoningMemory', () => {
  it('finds what was thought before the first call that it knows', () => {
    const memory = new ReasoningMemory()
    memory.remember('me', 'b', 'about b')
    memory.remember('me', 'c', 'about c')
    expect(memory.recall('me', ['a', 'b', 'c'])).toBe('about b')
    expect(memory.recall('me', [])).toBeUndefined()
  })

  it('tells owners apart, whatever they are called', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (owner, id, other, otherId) => {
        const memory = new ReasoningMemory()
        memory.remember(owner, id, 'secret')
        const same = owner === other && id === otherId
        expect(memory.recall(other, [otherId])).toBe(same ? 'secret' : undefined)
      }),
    )
  })
})
