/** POST /v1/completions: the request and the answer, which streamed chunks share. */

import { z } from 'zod'
import type { ChatFinishReason } from './chat.ts'
import { checkStreamOptions, type GenerationFields, generationShape, optional } from './fields.ts'
import type { Usage } from './usage.ts'

/** One text, several, one list of token ids, or several lists. */
export type CompletionPrompt = string | readonly string[] | readonly number[] | readonly (readonly number[])[]

export interface CompletionRequest extends GenerationFields {
  readonly prompt: CompletionPrompt
  readonly logprobs?: number | undefined
  readonly echo?: boolean | undefined
  /** Read only to be refused where it asks for what is not served. */
  readonly best_of?: number | undefined
  readonly suffix?: string | undefined
}

/** By hand, for a prompt may have a million tokens. */
const isToken = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
const isPrompt = (value: unknown): boolean => {
  if (!Array.isArray(value)) return typeof value === 'string'
  if (value.length === 0) return false
  if (typeof value[0] === 'number') return value.every(isToken)
  if (typeof value[0] === 'string') return value.every((text) => typeof text === 'string')
  return value.every((tokens) => Array.isArray(tokens) && tokens.length > 0 && tokens.every(isToken))
}

export const completionRequestSchema: z.ZodType<CompletionRequest> = z
  .object({
    ...generationShape,
    prompt: z.custom<CompletionPrompt>(
      isPrompt,
      'must be a string, an array of strings, an array of token ids, or an array of such arrays',
    ),
    logprobs: optional(z.int().min(0).max(20)),
    echo: optional(z.boolean()),
    best_of: optional(z.int().min(1)),
    suffix: optional(z.string()),
  })
  .superRefine(checkStreamOptions)

export interface CompletionLogprobs {
  readonly tokens: readonly string[]
  readonly token_logprobs: readonly number[]
  readonly top_logprobs: readonly Readonly<Record<string, number>>[]
  /** Where each token begins in the text, in Unicode code points. */
  readonly text_offset: readonly number[]
}

export interface Completion {
  readonly id: string
  readonly object: 'text_completion'
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly text: string
    readonly logprobs: CompletionLogprobs | null
    readonly finish_reason: ChatFinishReason | null
  }[]
  readonly usage?: Usage | null
}
