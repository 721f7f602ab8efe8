/** Timings and progress in llama-server's format. Rates count decode steps only: the first new token comes from the prompt's step. */

import type { GenerateTimings, GenerateUsage, PromptProgress } from '@hadal/engine'
import type { NativeProgress, NativeTimings } from '@hadal/protocol'

export function timingsOf(
  usage: GenerateUsage,
  { prefillMillis, decodeMillis }: GenerateTimings,
  predicted: number = usage.completionTokens,
): NativeTimings {
  const computed = usage.promptTokens - usage.cachedTokens
  const { draftTokens, acceptedDraftTokens } = usage
  return {
    cache_n: usage.cachedTokens,
    prompt_n: computed,
    prompt_ms: prefillMillis,
    prompt_per_token_ms: ratio(prefillMillis, computed),
    prompt_per_second: ratio(computed * 1000, prefillMillis),
    predicted_n: predicted,
    predicted_ms: decodeMillis,
    predicted_per_token_ms: ratio(decodeMillis, predicted - 1),
    predicted_per_second: ratio(Math.max(0, predicted - 1) * 1000, decodeMillis),
    ...(draftTokens !== undefined && { draft_n: draftTokens, draft_n_accepted: acceptedDraftTokens ?? 0 }),
  }
}

export const progressOf = (prompt: PromptProgress): NativeProgress => ({
  total: prompt.promptTokens,
  cache: prompt.cachedTokens,
  processed: prompt.computedTokens,
  time_ms: Math.round(prompt.millis),
})

const ratio = (of: number, to: number): number => (to > 0 ? of / to : 0)
