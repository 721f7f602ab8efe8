/** POST /v1/rerank and /v2/rerank in Jina's and Cohere's form, and /rerank in that of Text Embeddings Inference. */

import { z } from 'zod'
import type { EmbeddingUsage } from '../openai/embeddings.ts'
import type { ErrorBody } from '../openai/errors.ts'
import { optional } from '../openai/optional.ts'

interface SharedFields {
  readonly model?: string | undefined
  readonly query: string
  /** Number of results, best first. */
  readonly top_n?: number | undefined
  /** Return raw model scores instead of probabilities. */
  readonly raw_scores?: boolean | undefined
  /** Truncate documents that are too long for the model, instead of failing. */
  readonly truncate?: boolean | undefined
}

/** Jina's and Cohere's. */
export interface RerankBody extends SharedFields {
  readonly documents: readonly (string | { readonly text: string })[]
  readonly return_documents?: boolean | undefined
  /** Truncates each document to this many tokens. */
  readonly max_tokens_per_doc?: number | undefined
  readonly user?: string | undefined
}

/** Text Embeddings Inference's. */
export interface TeiRerankBody extends SharedFields {
  readonly texts: readonly string[]
  readonly return_text?: boolean | undefined
  readonly truncation_direction?: 'Left' | 'Right' | 'left' | 'right' | undefined
}

const shared = {
  model: optional(z.string()),
  query: z.string(),
  top_n: optional(z.int().min(1)),
  raw_scores: optional(z.boolean()),
  truncate: optional(z.boolean()),
}

const document = z.union(
  [z.string(), z.object({ text: z.string() })],
  'must be a string or an object with a "text"',
)

/**
 * The body of `POST /v1/rerank`.
 *
 * @example
 * ```ts
 * import { parse, rerankBodySchema } from '@hadal/protocol'
 *
 * parse(rerankBodySchema, { query: 'pets', documents: ['a cat', 'a car'] }).ok // → true
 * ```
 */
export const rerankBodySchema: z.ZodType<RerankBody> = z.object({
  ...shared,
  documents: z.array(document).min(1),
  return_documents: optional(z.boolean()),
  max_tokens_per_doc: optional(z.int().min(1)),
  user: optional(z.string()),
})

/**
 * The body of `POST /rerank` in text-embeddings-inference.
 *
 * @example
 * ```ts
 * import { parse, teiRerankBodySchema } from '@hadal/protocol'
 *
 * parse(teiRerankBodySchema, { query: 'pets', texts: ['a cat', 'a car'] }).ok // → true
 * ```
 */
export const teiRerankBodySchema: z.ZodType<TeiRerankBody> = z.object({
  ...shared,
  texts: z.array(z.string()).min(1),
  return_text: optional(z.boolean()),
  truncation_direction: optional(z.enum(['Left', 'Right', 'left', 'right'])),
})

/**
 * Distinguishes the two forms on a shared path.
 *
 * @internal
 */
export const isTeiRerank = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'texts' in body

/**
 * Best first. Has the fields of both Jina and Cohere.
 *
 * @example
 * ```ts
 * import type { RerankAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v1/rerank', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ query: 'pets', documents: ['a cat', 'a car'] }),
 * })
 * const answer = (await response.json()) as RerankAnswer
 * ```
 */
export interface RerankAnswer {
  readonly id: string
  readonly object: 'list'
  readonly model: string
  readonly results: readonly {
    readonly index: number
    /** 0 to 1, unless raw scores were requested. */
    readonly relevance_score: number
    readonly document?: { readonly text: string }
  }[]
  readonly usage: EmbeddingUsage
  readonly meta: {
    readonly api_version: { readonly version: string }
    /** Cohere's: one per hundred documents. */
    readonly billed_units: { readonly search_units: number }
  }
}

/**
 * Cohere's, combined with OpenAI's.
 *
 * @example
 * ```ts
 * import type { CohereError } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/v2/rerank', { method: 'POST', body: '{}' })
 * if (!response.ok) console.error((await response.json()) as CohereError)
 * ```
 */
export interface CohereError extends ErrorBody {
  readonly id: string
  readonly message: string
}

/**
 * Text Embeddings Inference's, plus this server's error code.
 *
 * @example
 * ```ts
 * import type { TeiError } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/rerank', { method: 'POST', body: JSON.stringify({ texts: [] }) })
 * if (!response.ok) console.error((await response.json()) as TeiError)
 * ```
 */
export interface TeiError {
  readonly error: string
  readonly error_type: 'Validation' | 'Overloaded' | 'Unhealthy' | 'Backend'
  readonly code: string
}

/**
 * Best first.
 *
 * @example
 * ```ts
 * import type { TeiRerankAnswer } from '@hadal/protocol'
 *
 * const response = await fetch('http://localhost:8080/rerank', {
 *   method: 'POST',
 *   headers: { 'content-type': 'application/json' },
 *   body: JSON.stringify({ query: 'pets', texts: ['a cat', 'a car'] }),
 * })
 * const answer = (await response.json()) as TeiRerankAnswer
 * ```
 */
export type TeiRerankAnswer = readonly {
  readonly index: number
  /** 0 to 1, unless raw scores were requested. */
  readonly score: number
  readonly text?: string
}[]
