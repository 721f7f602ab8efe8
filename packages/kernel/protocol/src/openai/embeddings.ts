/**
 * POST /v1/embeddings for texts and images, including llama-server's form: `content` instead of `input`, and a list of vectors
 * for each.
 */

import { z } from 'zod'
import { type EmbeddingInputs, embeddingInputs } from './embedding-input.ts'
import { optional } from './optional.ts'

export interface EmbeddingRequest {
  /** Text, tokens, a mix of both, an object with a text or an image, or a list of these. */
  readonly input?: EmbeddingInputs | undefined
  /** llama-server's name for it; the response is then in its form. */
  readonly content?: EmbeddingInputs | undefined
  readonly model?: string | undefined
  /** `base64`: little-endian 32-bit floats. */
  readonly encoding_format?: 'float' | 'base64' | undefined
  /** Truncates vectors to this many dimensions. */
  readonly dimensions?: number | undefined
  readonly user?: string | undefined
  /** -1: none; 0: scaled so that the maximum becomes 32760; p: unit length in the p-norm. 2 by default. */
  readonly embd_normalize?: number | undefined
}

/**
 * The body of `POST /v1/embeddings`.
 *
 * @example
 * ```ts
 * import { embeddingRequestSchema, parse } from '@hadal/protocol'
 *
 * parse(embeddingRequestSchema, { model: 'embedder', input: ['a text', 'another'] }).ok // → true
 * ```
 */
export const embeddingRequestSchema: z.ZodType<EmbeddingRequest> = z
  .object({
    input: optional(embeddingInputs),
    content: optional(embeddingInputs),
    model: optional(z.string()),
    encoding_format: optional(z.enum(['float', 'base64'])),
    dimensions: optional(z.int().min(1)),
    user: optional(z.string()),
    embd_normalize: optional(z.int().min(-1).max(1000)),
  })
  .superRefine((body, context) => {
    if (body.input === undefined && body.content === undefined)
      context.addIssue({ code: 'custom', path: ['input'], message: 'is required' })
  })

/**
 * Whether llama-server's form is meant on a path shared by two APIs. OpenAI's clients always name a model.
 *
 * @internal
 */
export function isNativeEmbedding(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false
  return !('model' in body) || 'content' in body || 'embd_normalize' in body
}

export interface EmbeddingUsage {
  readonly prompt_tokens: number
  readonly total_tokens: number
}

/**
 * The response of `POST /v1/embeddings`.
 *
 * @example
 * ```ts
 * import type { EmbeddingList } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/embeddings', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ model: 'embedder', input: 'a text' }),
 * })
 * const answer = (await response.json()) as EmbeddingList
 * ```
 */
export interface EmbeddingList {
  readonly object: 'list'
  readonly data: readonly {
    readonly object: 'embedding'
    readonly index: number
    readonly embedding: readonly number[] | string
    readonly encoding_format?: 'base64'
  }[]
  readonly model: string
  readonly usage: EmbeddingUsage
}

/**
 * llama-server's: with pooling `none` one vector per token, otherwise one.
 *
 * @example
 * ```ts
 * import type { NativeEmbeddings } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/embedding', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ content: 'a text' }),
 * })
 * const answer = (await response.json()) as NativeEmbeddings
 * ```
 */
export type NativeEmbeddings = readonly {
  readonly index: number
  readonly embedding: readonly (readonly number[])[]
}[]
