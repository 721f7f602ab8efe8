/** POST /v1/completions: the request and the response, whose fields streamed chunks share. */

import { z } from 'zod'
import type { NativeProgress, NativeTimings } from '../llama-server/completion-answer.ts'
import type { ChatFinishReason } from './chat-answer.ts'
import { checkStreamOptions, type GenerationFields, generationShape } from './fields.ts'
import { optional } from './optional.ts'
import type { Usage } from './usage.ts'

/** One text, several, one list of token ids, or several lists. */
export type CompletionPrompt = string | readonly string[] | readonly number[] | readonly (readonly number[])[]

export interface CompletionRequest extends GenerationFields {
  readonly prompt: CompletionPrompt
  readonly logprobs?: number | undefined
  readonly echo?: boolean | undefined
  /** Number of completions to generate, of which the `n` most likely are returned. */
  readonly best_of?: number | undefined
  /** The text after the completion: fill in the middle. */
  readonly suffix?: string | undefined
}

/** By hand, because a prompt may have a million tokens. */
const isToken = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
const isPrompt = (value: unknown): boolean => {
  if (!Array.isArray(value)) return typeof value === 'string'
  if (value.length === 0) return false
  if (typeof value[0] === 'number') return value.every(isToken)
  if (typeof value[0] === 'string') return value.every((text) => typeof text === 'string')
  return value.every((tokens) => Array.isArray(tokens) && tokens.length > 0 && tokens.every(isToken))
}

const tokensJson = { type: 'array', minItems: 1, items: { type: 'integer', minimum: 0 } }
/** JSON Schema of values parsed by hand. */
const promptJson = [
  { type: 'string' },
  { type: 'array', minItems: 1, items: { type: 'string' } },
  tokensJson,
  { type: 'array', minItems: 1, items: tokensJson },
]

/**
 * The body of `POST /v1/completions`.
 *
 * @example
 * ```ts
 * import { completionRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(completionRequestSchema, { prompt: 'Once upon a time', max_tokens: 20 }).ok // → true
 * ```
 */
export const completionRequestSchema: z.ZodType<CompletionRequest> = z
  .object({
    ...generationShape,
    prompt: z
      .custom<CompletionPrompt>(
        isPrompt,
        'must be a string, an array of strings, an array of token ids, or an array of such arrays',
      )
      .meta({ anyOf: promptJson }),
    // 0 with `echo` and `logprobs` scores a text without continuing it.
    max_tokens: optional(z.int().min(-1).max(0x7fff_ffff)),
    logprobs: optional(z.int().min(0).max(20)),
    echo: optional(z.boolean()),
    best_of: optional(z.int().min(1).max(128)),
    suffix: optional(z.string()),
  })
  .superRefine(checkStreamOptions)
  .superRefine((body, context) => {
    if (body.best_of === undefined) return
    const issue = (message: string): void =>
      context.addIssue({ code: 'custom', path: ['best_of'], message: `${message}, got ${body.best_of}` })
    if (body.best_of < (body.n ?? 1)) issue('must be at least n')
    else if (body.stream === true && body.best_of > (body.n ?? 1)) issue('must be n with "stream": true')
  })

export interface CompletionLogprobs {
  readonly tokens: readonly string[]
  /** `null` for the first token of an echoed prompt, which has none. */
  readonly token_logprobs: readonly (number | null)[]
  readonly top_logprobs: readonly (Readonly<Record<string, number>> | null)[]
  /** Start of each token in the text, in Unicode code points. */
  readonly text_offset: readonly number[]
}

/**
 * The response of `POST /v1/completions`.
 *
 * @example
 * ```ts
 * import type { Completion } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/completions', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ prompt: 'Once upon a time', max_tokens: 20 }),
 * })
 * const answer = (await response.json()) as Completion
 * ```
 */
export interface Completion {
  readonly id: string
  readonly object: 'text_completion'
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  readonly system_fingerprint: string
  readonly choices: readonly {
    readonly index: number
    readonly text: string
    readonly logprobs: CompletionLogprobs | null
    readonly finish_reason: ChatFinishReason | null
  }[]
  readonly usage?: Usage | null
  /** llama-server's, if there is one choice; in a stream on its last chunk, and on others if requested. */
  readonly timings?: NativeTimings
  /** Prompt progress, on a stream's first chunks if requested. */
  readonly prompt_progress?: NativeProgress
}
