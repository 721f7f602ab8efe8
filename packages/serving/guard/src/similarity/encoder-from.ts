/**
 * Wraps any embedding function as an encoder: a Sentence-BERT model of an engine, a service or custom code. Batches texts, caches recent
 * ones, validates vectors and scales them to unit length.
 */

import type { Language } from '../check.ts'
import { type Encoder, toUnitLength } from './encoder.ts'
import { embeddingInvalid } from './errors.ts'

/** One non-zero vector per text, of any length. */
export type EmbeddingFunction = (
  texts: readonly string[],
  signal?: AbortSignal,
) => readonly ArrayLike<number>[] | Promise<readonly ArrayLike<number>[]>

export interface EncoderFromOptions {
  readonly name: string
  readonly dimensions: number
  /** Languages the model was trained on. */
  readonly languages: readonly Language[]
  readonly embed: EmbeddingFunction
  /** Maximum texts per call. */
  readonly batch?: number
  /** Number of recent texts cached. */
  readonly cached?: number
}

/**
 * `encode` rejects with `guard_embedding_invalid` and errors of `embed`.
 *
 * @example
 * ```ts
 * import { createGuard, encoderFrom } from '@hadal/guard'
 *
 * const encoder = encoderFrom({
 *   name: 'my-embeddings',
 *   dimensions: 384,
 *   languages: ['en', 'zh'],
 *   embed: async (texts) => {
 *     const response = await fetch('http://localhost:8080/v1/embeddings', {
 *       method: 'POST',
 *       headers: { 'content-type': 'application/json' },
 *       body: JSON.stringify({ model: 'embedder', input: texts }),
 *     })
 *     const { data } = (await response.json()) as { data: { embedding: number[] }[] }
 *     return data.map(({ embedding }) => embedding)
 *   },
 * })
 * const guard = createGuard({ encoders: [encoder] })
 * ```
 */
export function encoderFrom({
  name,
  dimensions,
  languages,
  embed,
  batch = 32,
  cached = 2048,
}: EncoderFromOptions): Encoder {
  // Maps iterate in insertion order, so the oldest is first.
  const known = new Map<string, Float32Array>()
  const encode = async (texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> => {
    const found = new Map<string, Float32Array>()
    const missing: string[] = []
    for (const text of new Set(texts)) {
      const vector = known.get(text)
      if (vector === undefined) missing.push(text)
      else found.set(text, vector)
    }
    for (let from = 0; from < missing.length; from += batch) {
      signal?.throwIfAborted()
      const query = missing.slice(from, from + batch)
      const vectors = await embed(query, signal)
      if (vectors.length !== query.length)
        throw embeddingInvalid(name, `${vectors.length} vectors for ${query.length} texts`)
      query.forEach((text, at) => {
        found.set(text, checked(vectors[at]!, name, dimensions))
      })
    }
    for (const [text, vector] of found) {
      known.delete(text)
      known.set(text, vector)
    }
    for (const text of known.keys()) {
      if (known.size <= cached) break
      known.delete(text)
    }
    return texts.map((text) => found.get(text)!)
  }
  return { name, dimensions, languages, encode }
}

function checked(vector: ArrayLike<number>, name: string, dimensions: number): Float32Array {
  if (vector.length !== dimensions)
    throw embeddingInvalid(name, `a vector of ${vector.length} numbers instead of ${dimensions}`)
  const copy = Float32Array.from(vector)
  if (!copy.every(Number.isFinite)) throw embeddingInvalid(name, 'a vector with a number that is not finite')
  return toUnitLength(copy)
}
