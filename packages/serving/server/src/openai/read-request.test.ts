import { describe, expect, it } from 'vitest'
import { totalUsage } from './read-request.ts'

const usage = (promptTokens: number, cachedTokens: number, completionTokens: number) => ({
  promptTokens,
  cachedTokens,
  completionTokens,
  reasoningTokens: 1,
})

describe('totalUsage', () => {
  it('counts a prompt once however many choices continue it, and as cached only what was before the request', () => {
    const choices = [usage(10, 4, 3), usage(10, 10, 5), usage(20, 20, 1), usage(20, 20, 1)]
    expect(totalUsage(choices, 2)).toEqual({
      prompt_tokens: 30,
      completion_tokens: 10,
      total_tokens: 40,
      prompt_tokens_details: { cached_tokens: 24, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: 4,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
      prompt_cache_hit_tokens: 24,
      prompt_cache_miss_tokens: 6,
    })
  })

  it('counts accepted and rejected draft tokens over all choices', () => {
    const choices = [
      { ...usage(10, 0, 8), draftTokens: 6, acceptedDraftTokens: 4 },
      usage(10, 0, 3),
      { ...usage(20, 0, 5), draftTokens: 3, acceptedDraftTokens: 0 },
      { ...usage(20, 0, 5), draftTokens: 1 },
    ]
    expect(totalUsage(choices, 2).completion_tokens_details).toMatchObject({
      accepted_prediction_tokens: 4,
      rejected_prediction_tokens: 6,
    })
  })
})
