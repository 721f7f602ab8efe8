import { expect, it } from 'vitest'
import { mergedUsage, usageOf } from './usage.ts'

const expected = { promptTokens: 12, completionTokens: 5, cachedTokens: 8, reasoningTokens: 2 }

it.each([
  [
    'OpenAI, vLLM and SGLang',
    {
      usage: {
        prompt_tokens: 12,
        completion_tokens: 5,
        prompt_tokens_details: { cached_tokens: 8 },
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    },
    expected,
  ],
  [
    'DeepSeek',
    {
      usage: {
        prompt_tokens: 12,
        completion_tokens: 5,
        prompt_cache_hit_tokens: 8,
        prompt_cache_miss_tokens: 4,
        completion_tokens_details: { reasoning_tokens: 2 },
      },
    },
    expected,
  ],
  [
    'SGLang’s reasoning',
    {
      usage: {
        prompt_tokens: 12,
        completion_tokens: 5,
        reasoning_tokens: 2,
        prompt_tokens_details: { cached_tokens: 8 },
      },
    },
    expected,
  ],
  [
    'responses',
    {
      type: 'response.completed',
      response: {
        usage: {
          input_tokens: 12,
          input_tokens_details: { cached_tokens: 8 },
          output_tokens: 5,
          output_tokens_details: { reasoning_tokens: 2 },
        },
      },
    },
    expected,
  ],
  [
    'messages, which count the cache apart',
    {
      usage: {
        input_tokens: 3,
        cache_read_input_tokens: 8,
        cache_creation_input_tokens: 1,
        output_tokens: 5,
      },
    },
    { ...expected, reasoningTokens: 0 },
  ],
  [
    'embeddings',
    { usage: { prompt_tokens: 12, total_tokens: 12 } },
    { ...expected, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'Ollama',
    { done: true, prompt_eval_count: 12, eval_count: 5 },
    { ...expected, cachedTokens: 0, reasoningTokens: 0 },
  ],
  [
    'llama-server',
    { stop: true, tokens_evaluated: 12, tokens_predicted: 5, timings: { cache_n: 8 } },
    { ...expected, reasoningTokens: 0 },
  ],
  [
    'details that are null',
    { usage: { prompt_tokens: 12, completion_tokens: 5, prompt_tokens_details: null } },
    { ...expected, cachedTokens: 0, reasoningTokens: 0 },
  ],
])('usage in the words of %s', (_who, answer, usage) => {
  expect(usageOf(answer)).toEqual(usage)
})

it.each([
  ['nothing', undefined],
  ['null', { usage: null }],
  ['text', { usage: 'many' }],
  ['no counts', { usage: { prompt_tokens: -1, completion_tokens: '5' } }],
  ['a list', [{ usage: { prompt_tokens: 1 } }]],
])('no usage in %s', (_what, answer) => {
  expect(usageOf(answer)).toBeUndefined()
})

it('more cached than there was is no more than all of it', () => {
  expect(usageOf({ usage: { prompt_tokens: 2, prompt_cache_hit_tokens: 9 } })?.cachedTokens).toBe(2)
})

it('two events of one answer say more than one', () => {
  const first = { promptTokens: 12, completionTokens: 1, cachedTokens: 8, reasoningTokens: 0 }
  const last = { promptTokens: 0, completionTokens: 5, cachedTokens: 0, reasoningTokens: 0 }
  expect(mergedUsage(first, last)).toEqual({ ...first, completionTokens: 5 })
  expect([mergedUsage(first, undefined), mergedUsage(undefined, last)]).toEqual([first, last])
})
