/** The response of llama-server's POST /completion, whole or streamed. */

export interface NativeTimings {
  readonly cache_n: number
  readonly prompt_n: number
  readonly prompt_ms: number
  readonly prompt_per_token_ms: number
  readonly prompt_per_second: number
  readonly predicted_n: number
  readonly predicted_ms: number
  readonly predicted_per_token_ms: number
  readonly predicted_per_second: number
  readonly draft_n?: number
  readonly draft_n_accepted?: number
}

/** Prompt tokens; the processed ones include the cached ones. */
export interface NativeProgress {
  readonly total: number
  readonly cache: number
  readonly processed: number
  readonly time_ms: number
}

export interface NativeTokenLogprob {
  readonly id: number
  readonly token: string
  readonly bytes: readonly number[]
  readonly logprob: number
}

export interface NativeTokenProbability {
  readonly id: number
  readonly token: string
  readonly bytes: readonly number[]
  readonly prob: number
}

/** The second form is for probabilities after sampling. */
export type NativeProbabilities =
  | readonly (NativeTokenLogprob & { readonly top_logprobs: readonly NativeTokenLogprob[] })[]
  | readonly (NativeTokenProbability & { readonly top_probs: readonly NativeTokenProbability[] })[]

/**
 * A stream event.
 *
 * @example
 * ```ts
 * import { type NativeCompletionDelta, SseDecoder } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/completion', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ prompt: 'Once', n_predict: 8, stream: true }),
 * })
 * const decoder = new SseDecoder()
 * for await (const bytes of response.body ?? []) {
 *   for (const { data } of decoder.push(new TextDecoder().decode(bytes))) {
 *     if (data !== '[DONE]') console.log(JSON.parse(data) as NativeCompletionDelta)
 *   }
 * }
 * ```
 */
export interface NativeCompletionDelta {
  readonly index: number
  readonly content: string
  readonly tokens: readonly number[]
  readonly stop: false
  readonly id_slot: number
  readonly tokens_predicted: number
  readonly tokens_evaluated: number
  /** With `timings_per_token`. */
  readonly timings?: NativeTimings
  /** With `return_progress`, before the text. */
  readonly prompt_progress?: NativeProgress
  readonly completion_probabilities?: NativeProbabilities
}

/**
 * A whole response, or the last event of a stream.
 *
 * @example
 * ```ts
 * import type { NativeCompletion } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/completion', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ prompt: 'Once', n_predict: 8 }),
 * })
 * const answer = (await response.json()) as NativeCompletion
 * ```
 */
export interface NativeCompletion {
  readonly index: number
  readonly content: string
  /** Empty unless requested. */
  readonly tokens: readonly number[]
  readonly id_slot: number
  readonly stop: true
  readonly model: string
  readonly tokens_predicted: number
  /** Prompt tokens. */
  readonly tokens_evaluated: number
  readonly generation_settings: Readonly<Record<string, unknown>>
  readonly prompt: string
  readonly has_new_line: boolean
  /** Whether the context limit ended it. */
  readonly truncated: boolean
  /** `content_filter` is an extension: the guard ended it. */
  readonly stop_type: 'none' | 'eos' | 'limit' | 'word' | 'content_filter'
  readonly stopping_word: string
  readonly tokens_cached: number
  readonly timings: NativeTimings
  readonly completion_probabilities?: NativeProbabilities
}
