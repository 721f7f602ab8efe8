/**
 * Cuts a step's work into calls of `llama_decode`. Pure; knows nothing of the library but how it divides a call: of
 * neighbouring sequences it computes as many rows of each as the shortest has, then goes on with the others. A row that is
 * left alone in its sequence is computed by other kernels than several, and rounds differently.
 */

import type { StepPlan } from '@hadal/batching'

export interface Work {
  readonly key: number
  /** Tokens to compute. */
  readonly count: number
}

/** In each call in the order of slots, as llama.cpp wants neighbours. */
export function decodeCalls(
  plan: StepPlan<number>,
  slotOf: (key: number) => number,
  invariant: boolean,
): Work[][] {
  const singles = plan.decodes.map((key) => ({ key, count: 1 }))
  const chunks = plan.prefills.map(({ id, tokens }) => ({ key: id, count: tokens }))
  const calls = invariant ? apart(singles, chunks) : [[...singles, ...chunks]]
  return calls.map((call) => call.sort((a, b) => slotOf(a.key) - slotOf(b.key)))
}

/** No row of a chunk is left alone: single rows in one call, and chunks together whose lengths do not differ by one. */
function apart(singles: readonly Work[], chunks: readonly Work[]): Work[][] {
  const alone = [...singles, ...chunks.filter((chunk) => chunk.count === 1)]
  const calls: Work[][] = []
  for (const chunk of chunks.filter((chunk) => chunk.count > 1).sort((a, b) => a.count - b.count)) {
    const call = calls.find(
      (call) => call.at(-1)!.count === chunk.count || call.at(-1)!.count < chunk.count - 1,
    )
    if (call === undefined) calls.push([chunk])
    else call.push(chunk)
  }
  return alone.length > 0 ? [alone, ...calls] : calls
}
