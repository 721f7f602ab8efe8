/** POST /v1/embeddings, of texts and images, and llama-server's own form of it: `content` for `input`, and a list of vectors for each. */

import { z } from 'zod'
import { type EmbeddingInputs, embeddingInputs } from './embedding-input.ts'
import { optional } from './optional.ts'

export interface EmbeddingRequest {
  /** Text, tokens, both in turn, an object with a text or an image, or several of these. */
  readonly input?: EmbeddingInputs | undefined
  /** llama-server's name of it, answered in its form. */
  readonly content?: EmbeddingInputs | undefined
  readonly model?: string | undefined
  /** `base64`: little-endian 32-bit floats. */
  readonly encoding_format?: 'float' | 'base64' | undefined
  /** So many of the first numbers of a vector. */
  readonly dimensions?: number | undefined
  readonly user?: string | undefined
  /** -1: as computed; 0: the largest number becomes 32760; p: length 1 in the p-norm. 2 by default. */
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
 * On a path that two APIs share: whether llama-server's form is meant. OpenAI's clients always name a model.
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
 * The answer of `POST /v1/embeddings`.
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
 * llama-server's: with pooling `none` a vector for each token, else one.
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
