import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChoiceEvent } from './generation.ts'
import { ReasoningMemory } from './reasoning-memory.ts'

describe('ReasoningMemory', () => {
  it('finds what was thought before the first call that it knows', () => {
    const memory = new ReasoningMemory()
    memory.remember('me', 'b', 'about b')
    memory.remember('me', 'c', 'about c')
    expect(memory.recall('me', ['a', 'b', 'c'])).toBe('about b')
    expect(memory.recall('me', [])).toBeUndefined()
  })

  it('knows nothing of a call whose id a model wrote twice, with other thoughts or none', async () => {
    const reported = async (memory: ReasoningMemory, id: string, thought: string) => {
      async function* events(): AsyncGenerator<ChoiceEvent> {
        if (thought !== '') yield { type: 'reasoning', choice: 0, text: thought, tokens: [], logprobs: [] }
        yield { type: 'tool', choice: 0, index: 0, id, name: 'f' }
      }
      for await (const _ of memory.listen('me', events()));
    }
    for (const [second, recalled] of [
      ['mine', 'mine'],
      ['another', undefined],
      ['', undefined],
    ] as const) {
      const memory = new ReasoningMemory()
      await reported(memory, '000000001', 'mine')
      await reported(memory, '000000001', second)
      expect(memory.recall('me', ['000000001']), second).toBe(recalled)
    }
  })

  it('keeps owners apart, whatever their names', () => {
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
