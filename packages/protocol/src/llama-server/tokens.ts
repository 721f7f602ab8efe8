/** POST /tokenize, /detokenize and /apply-template of llama-server. */

import { z } from 'zod'
import { optional } from '../openai/optional.ts'
import { hasFewTexts } from './completion-request.ts'

export interface TokenizeRequest {
  readonly model?: string | undefined
  /** Texts and tokens in turn, or one text. */
  readonly content?: string | readonly (string | number)[] | undefined
  readonly add_special?: boolean | undefined
  /** True by default. */
  readonly parse_special?: boolean | undefined
  readonly with_pieces?: boolean | undefined
}

export interface TokenPiece {
  readonly id: number
  /** Bytes where they are no whole characters. */
  readonly piece: string | readonly number[]
}

export interface TokenizeAnswer {
  readonly tokens: readonly number[] | readonly TokenPiece[]
}

export interface DetokenizeRequest {
  readonly model?: string | undefined
  readonly tokens?: readonly number[] | undefined
}

export interface DetokenizeAnswer {
  readonly content: string
}

export interface AppliedTemplate {
  readonly prompt: string
}

const tokenJson = { type: 'integer', minimum: 0 }
const isToken = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0

export const tokenizeRequestSchema: z.ZodType<TokenizeRequest> = z.object({
  model: optional(z.string()),
  content: optional(
    z
      .custom<string | readonly (string | number)[]>(
        (value) =>
          typeof value === 'string' ||
          (Array.isArray(value) &&
            value.every((part) => typeof part === 'string' || isToken(part)) &&
            hasFewTexts(value)),
        'must be a string or an array of token ids and at most 4096 strings',
      )
      .meta({
        anyOf: [{ type: 'string' }, { type: 'array', items: { anyOf: [{ type: 'string' }, tokenJson] } }],
      }),
  ),
  add_special: optional(z.boolean()),
  parse_special: optional(z.boolean()),
  with_pieces: optional(z.boolean()),
})

export const detokenizeRequestSchema: z.ZodType<DetokenizeRequest> = z.object({
  model: optional(z.string()),
  tokens: optional(
    z
      .custom<readonly number[]>(
        (value) => Array.isArray(value) && value.every(isToken),
        'must be an array of token ids',
      )
      .meta({ type: 'array', items: tokenJson }),
  ),
})
