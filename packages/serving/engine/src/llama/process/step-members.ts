/** The members of a planned step, for observers only. Pure. */

import type { StepPlan } from '@hadal/batching'
import type { KeyedMember } from '../messages.ts'
import type { Cells } from './cells.ts'
import type { Sequence } from './sequence.ts'

/** Call before the step is computed, while all its sequences exist. In plan order. */
export function stepMembers(
  { decodes, prefills }: Pick<StepPlan<number>, 'decodes' | 'prefills'>,
  drafts: ReadonlyMap<number, readonly number[]>,
  sequences: ReadonlyMap<number, Pick<Sequence, 'key' | 'slot' | 'prompt' | 'times'>>,
  cells: Pick<Cells, 'length' | 'sharedAtWork'>,
): KeyedMember[] {
  const bySlot = new Map([...sequences.values()].map((sequence) => [sequence.slot, sequence]))
  const sharingOf = (slot: number): Pick<KeyedMember, 'shared' | 'sharedWith'> => {
    const shared = cells.sharedAtWork(slot)
    const others = shared?.slots.flatMap((other) => bySlot.get(other) ?? []) ?? []
    if (shared === undefined || others.length === 0) return {}
    const oldest = others.reduce((one, other) =>
      other.times.admittedAt < one.times.admittedAt ? other : one,
    )
    return { shared: shared.length, sharedWith: oldest.key }
  }
  return [
    ...prefills.map(({ id, tokens }): KeyedMember => {
      const { slot, prompt } = sequences.get(id)!
      const computed = Math.min(prompt.length, cells.length(slot) + tokens)
      return { key: id, slot, prefill: tokens, computed, prompt: prompt.length, ...sharingOf(slot) }
    }),
    ...decodes.map((key): KeyedMember => {
      const { slot } = sequences.get(key)!
      const guesses = drafts.get(key)?.length ?? 0
      return { key, slot, ...(guesses > 0 && { drafts: guesses }), ...sharingOf(slot) }
    }),
  ]
}
