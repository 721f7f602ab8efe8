/** POST /tokenize, /detokenize and /apply-template of llama-server. */

import { z } from 'zod'
import { optional } from '../openai/optional.ts'
import { hasFewTexts } from './completion-request.ts'

export interface TokenizeRequest {
  readonly model?: string | undefined
  /** A text, or a list of texts and tokens. */
  readonly content?: string | readonly (string | number)[] | undefined
  readonly add_special?: boolean | undefined
  /** True by default. */
  readonly parse_special?: boolean | undefined
  readonly with_pieces?: boolean | undefined
}

export interface TokenPiece {
  readonly id: number
  /** Bytes if they are not whole characters. */
  readonly piece: string | readonly number[]
}

/**
 * The response of `POST /tokenize`.
 *
 * @example
 * ```ts
 * import type { TokenizeAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/tokenize', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ content: 'Hello' }),
 * })
 * const answer = (await response.json()) as TokenizeAnswer
 * ```
 */
export interface TokenizeAnswer {
  readonly tokens: readonly number[] | readonly TokenPiece[]
}

export interface DetokenizeRequest {
  readonly model?: string | undefined
  readonly tokens?: readonly number[] | undefined
}

/**
 * The response of `POST /detokenize`.
 *
 * @example
 * ```ts
 * import type { DetokenizeAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/detokenize', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ tokens: [1, 2, 3] }),
 * })
 * const answer = (await response.json()) as DetokenizeAnswer
 * ```
 */
export interface DetokenizeAnswer {
  readonly content: string
}

/**
 * The response of `POST /apply-template`.
 *
 * @example
 * ```ts
 * import type { AppliedTemplate } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/apply-template', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }] }),
 * })
 * const answer = (await response.json()) as AppliedTemplate
 * ```
 */
export interface AppliedTemplate {
  readonly prompt: string
}

const tokenJson = { type: 'integer', minimum: 0 }
const isToken = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0

/**
 * The body of `POST /tokenize`.
 *
 * @example
 * ```ts
 * import { parse, tokenizeRequestSchema } from '@hadal/protocol'
 *
 * parse(tokenizeRequestSchema, { content: 'Hello' }).ok // → true
 * ```
 */
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

/**
 * The body of `POST /detokenize`.
 *
 * @example
 * ```ts
 * import { detokenizeRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(detokenizeRequestSchema, { tokens: [1, 2, 3] }).ok // → true
 * ```
 */
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
