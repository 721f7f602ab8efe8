import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ReasoningMemory } from './reasoning-memory.ts'

describe('ReasoningMemory', () => {
  it('forgets the oldest calls first', () => {
    const memory = new ReasoningMemory({ calls: 2 })
    for (const id of ['a', 'b', 'c']) memory.remember('me', id, `about ${id}`)
    expect(['a', 'b', 'c'].map((id) => memory.recall('me', [id]))).toEqual([undefined, 'about b', 'about c'])
    memory.remember('me', 'b', 'again')
    memory.remember('me', 'd', 'about d')
    expect(memory.recall('me', ['c', 'b'])).toBe('again')
  })

  it('never holds more than it may, and always the last that fits', () => {
    const step = fc.record({
      owner: fc.constantFrom('a', 'b'),
      id: fc.constantFrom('1', '2', '3', '4'),
      length: fc.nat(12),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const memory = new ReasoningMemory({ calls: 3, characters: 20 })
        for (const { owner, id, length } of steps) {
          memory.remember(owner, id, 'x'.repeat(length))
          expect(memory.recall(owner, [id])).toHaveLength(length)
        }
        const held = ['a', 'b'].flatMap((owner) =>
          ['1', '2', '3', '4'].flatMap((id) => memory.recall(owner, [id]) ?? []),
        )
        expect(held.length).toBeLessThanOrEqual(3)
        expect(held.join('').length).toBeLessThanOrEqual(20)
      }),
    )
  })

  it('does not keep what is larger than all of it', () => {
    const memory = new ReasoningMemory({ characters: 3 })
    memory.remember('me', 'a', 'abcd')
    memory.remember('me', 'b', 'ab')
    expect([memory.recall('me', ['a']), memory.recall('me', ['b'])]).toEqual([undefined, 'ab'])
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
