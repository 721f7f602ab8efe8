/**
 * Splits a step's work into calls of `llama_decode` with equally many rows per sequence. Pure. For neighbouring sequences
 * llama.cpp computes as many rows of each as the shortest has, then continues with the others. That could cut a prompt's chunk
 * below the 64 rows from which attention has a faster kernel, or leave a single row, which is computed by yet other kernels and
 * rounds differently.
 */

import type { StepPlan } from '@hadal/batching'

export interface Work {
  readonly key: number
  /** Tokens to compute. */
  readonly count: number
  /** The last of them are draft tokens. */
  readonly draft: readonly number[]
}

/** Facts about the running sequences, by key. */
export interface WorkFacts {
  slotOf(key: number): number
  draftOf(key: number): readonly number[]
  /** Whether each row of its prompt outputs logits. */
  givesAllLogits(key: number): boolean
}

/**
 * Shortest first; within a call in slot order, so that llama.cpp gets adjacent slots. Chunks whose every row outputs logits get
 * separate calls of at most `maxOutputs` rows.
 */
export function decodeCalls(
  plan: StepPlan<number>,
  maxOutputs: number,
  { slotOf, draftOf, givesAllLogits }: WorkFacts,
): Work[][] {
  const decode = (key: number, draft: readonly number[]): Work => ({ key, count: 1 + draft.length, draft })
  const works = [
    ...plan.decodes.map((key) => decode(key, draftOf(key))),
    ...plan.prefills.map(({ id, tokens }): Work => ({ key: id, count: tokens, draft: [] })),
  ]
  const whole = works.filter(({ key }) => !givesAllLogits(key))
  const alone = works
    .filter(({ key }) => givesAllLogits(key))
    .flatMap(({ key, count }) =>
      evenParts(count, maxOutputs).map((part) => [{ key, count: part, draft: [] }]),
    )
  const calls = new Map<number, Work[]>()
  for (const work of whole.sort((a, b) => a.count - b.count || slotOf(a.key) - slotOf(b.key))) {
    const call = calls.get(work.count)
    if (call === undefined) calls.set(work.count, [work])
    else call.push(work)
  }
  return [...calls.values(), ...alone]
}

/** As equal as possible: a single row would be computed by other kernels. */
function evenParts(count: number, most: number): number[] {
  const parts = Math.ceil(count / most)
  return Array.from({ length: parts }, (_, at) => Math.floor((count + at) / parts))
}

/**
 * Slots between those of a call in which each sequence has one row: if these get a row as well, llama.cpp computes all at once.
 * With gaps it reads the model's weights once per run of neighbours, which is slower than some wasted rows, unless these
 * outnumber the others (`bench/LOG.md`). Two are as fast in parts.
 */
export function worthFilling(slots: readonly number[]): number[] {
  if (slots.length < minSequences) return []
  const filling: number[] = []
  for (const [at, slot] of slots.slice(1).entries()) {
    const missing = slot - slots[at]! - 1
    if (missing > 0 && missing <= maxFilled)
      for (let gap = slots[at]! + 1; gap < slot; gap += 1) filling.push(gap)
  }
  return filling.length <= slots.length ? filling : []
}

const maxFilled = 4
const minSequences = 3
