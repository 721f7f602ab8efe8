/** Extracts token counts from any server's format. */

import { isPlainObject } from '@hadal/base'
import type { RelayUsage } from '../upstream.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * The usage in a response or event: OpenAI's chat, completions, embeddings and responses, DeepSeek's cache counts, Anthropic's
 * messages, Ollama's and llama-server's. Undefined if there is none.
 */
export function usageOf(answer: unknown): RelayUsage | undefined {
  if (!isPlainObject(answer)) return undefined
  const inner = [answer.response, answer.message].find(
    (each) => isPlainObject(each) && isPlainObject(each.usage),
  )
  const usage = isPlainObject(answer.usage) ? answer.usage : isPlainObject(inner) ? inner.usage : answer
  return normalised(usage as Fields)
}

export function normalised(usage: Fields): RelayUsage | undefined {
  const timings = fieldsOf(usage.timings)
  const completion = count(usage, 'completion_tokens', 'output_tokens', 'eval_count', 'tokens_predicted')
  const prompt = promptTokens(usage)
  if (prompt === undefined && completion === undefined) return undefined
  const cached =
    count(fieldsOf(usage.prompt_tokens_details), 'cached_tokens') ??
    count(fieldsOf(usage.input_tokens_details), 'cached_tokens') ??
    count(usage, 'prompt_cache_hit_tokens', 'cache_read_input_tokens') ??
    count(timings, 'cache_n')
  const reasoning =
    count(fieldsOf(usage.completion_tokens_details), 'reasoning_tokens') ??
    count(fieldsOf(usage.output_tokens_details), 'reasoning_tokens') ??
    count(usage, 'reasoning_tokens')
  return {
    promptTokens: prompt ?? 0,
    completionTokens: completion ?? 0,
    cachedTokens: Math.min(cached ?? 0, prompt ?? 0),
    reasoningTokens: Math.min(reasoning ?? 0, completion ?? 0),
  }
}

/** Anthropic's messages count cache reads and writes separately. */
function promptTokens(usage: Fields): number | undefined {
  const plain = count(usage, 'prompt_tokens', 'input_tokens', 'prompt_eval_count', 'tokens_evaluated')
  const apart =
    (count(usage, 'cache_read_input_tokens') ?? 0) + (count(usage, 'cache_creation_input_tokens') ?? 0)
  return plain === undefined ? undefined : plain + apart
}

/** Merges the usage of two events of one response: Anthropic's first one has the prompt, its last one the rest. */
export function mergedUsage(
  first: RelayUsage | undefined,
  last: RelayUsage | undefined,
): RelayUsage | undefined {
  if (first === undefined || last === undefined) return last ?? first
  return {
    promptTokens: Math.max(first.promptTokens, last.promptTokens),
    completionTokens: Math.max(first.completionTokens, last.completionTokens),
    cachedTokens: Math.max(first.cachedTokens, last.cachedTokens),
    reasoningTokens: Math.max(first.reasoningTokens, last.reasoningTokens),
  }
}

function count(fields: Fields, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = fields[name]
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  }
  return undefined
}

const fieldsOf = (value: unknown): Fields => (isPlainObject(value) ? value : {})
