/** `best_of`: selects completions with the highest mean token log probability. */

import type { FinishedChoice } from '../dialect.ts'

/** `written` completions per prompt, of which the best `kept` are returned, best first. */
export function bestChoices(
  choices: readonly FinishedChoice[],
  written: number,
  kept: number,
): readonly FinishedChoice[] {
  if (written === kept) return choices
  const best: FinishedChoice[] = []
  for (let first = 0; first < choices.length; first += written) {
    const ranked = choices.slice(first, first + written).sort((a, b) => likelihood(b) - likelihood(a))
    best.push(...ranked.slice(0, kept))
  }
  return best
}

/** 0 for a choice without tokens. */
function likelihood({ logprobs }: FinishedChoice): number {
  if (logprobs.length === 0) return 0
  return logprobs.reduce((sum, token) => sum + token.logprob, 0) / logprobs.length
}
