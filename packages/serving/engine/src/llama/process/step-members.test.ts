import { describe, expect, it } from 'vitest'
import { stepMembers } from './step-members.ts'

const sequence = (key: number, slot: number, admittedAt: number) => ({
  key,
  slot,
  prompt: [1, 2, 3, 4, 5, 6],
  times: { arrivedAt: 0, admittedAt },
})

describe('the members of a step', () => {
  it('are those of its plan, with what is computed of each and with whom each began', () => {
    const sequences = new Map([
      [7, sequence(7, 0, 100)],
      [8, sequence(8, 2, 50)],
      [9, sequence(9, 1, 200)],
    ])
    const cells = {
      length: (slot: number) => (slot === 1 ? 2 : 9),
      sharedAtWork: (slot: number) =>
        slot === 2 ? undefined : { length: 3, slots: [0, 1, 2].filter((at) => at !== slot) },
    }
    const plan = { decodes: [7, 8], prefills: [{ id: 9, tokens: 4 }] }
    expect(stepMembers(plan, new Map([[8, [1, 2]]]), sequences, cells)).toEqual([
      { key: 9, slot: 1, prefill: 4, computed: 6, prompt: 6, shared: 3, sharedWith: 8 },
      { key: 7, slot: 0, shared: 3, sharedWith: 8 },
      { key: 8, slot: 2, drafts: 2 },
    ])
  })
})
