/** The progress and results of one embedding or reranking request. */

import type { PassRequest } from '@hadal/batching'
import type { Pooling } from '../../engine.ts'
import type { PooledResult } from '../messages.ts'
import { Pool } from './pool.ts'
import type { PassRows, PooledContext } from './pooled-context.ts'

/** The output of a pass for a text; evaluated lazily. */
export interface PassYield {
  /** Concatenated vectors of the tokens in the pass; valid until the next one. */
  vectors(): Float32Array
  /** For a completed text. */
  score(): number
}

export class PooledRequest {
  readonly key: number
  readonly context: PooledContext
  readonly #inputs: readonly (readonly number[])[]
  /** The pooling of vectors, or the kind of scores. */
  readonly #aim: Pooling | { readonly areProbabilities: boolean }
  readonly #vectors: string[] = []
  readonly #scores: number[] = []
  #pool: Pool | undefined
  /** The input that is next or in progress. */
  #next = 0
  /** Its computed tokens. */
  #computed = 0

  constructor(
    key: number,
    context: PooledContext,
    inputs: readonly (readonly number[])[],
    aim: Pooling | { readonly areProbabilities: boolean },
  ) {
    this.key = key
    this.context = context
    this.#inputs = inputs
    this.#aim = aim
  }

  get isDone(): boolean {
    return this.#next === this.#inputs.length
  }

  /** Part of the next input is computed. */
  get begun(): boolean {
    return this.#computed > 0
  }

  /** For `planPass`; a pass takes at most `most` inputs. */
  toCome(most: number): PassRequest<PooledRequest> {
    const lengths = this.#inputs.slice(this.#next, this.#next + most).map((input) => input.length)
    if (this.begun) lengths[0]! -= this.#computed
    return { id: this, inputs: lengths, begun: this.begun }
  }

  /** The next `tokens` of an input, indexed from the first unfinished one. */
  rows(input: number, tokens: number): Omit<PassRows, 'sequence'> {
    const from = input === 0 ? this.#computed : 0
    return { from, tokens: this.#inputs[this.#next + input]!.slice(from, from + tokens) }
  }

  /** Must be called in input order. Returns whether the input is complete. */
  computed(tokens: number, pass: PassYield): boolean {
    this.#computed += tokens
    const completes = this.#computed === this.#inputs[this.#next]!.length
    if (typeof this.#aim === 'string') {
      this.#pool ??= new Pool(this.#aim, this.context.width)
      this.#pool.add(pass.vectors())
      if (completes) this.#vectors.push(inBase64(this.#pool.vectors, this.context.width))
    } else if (completes) this.#scores.push(pass.score())
    if (!completes) return false
    this.#pool = undefined
    this.#next += 1
    this.#computed = 0
    return true
  }

  /** Call once it is done. */
  result(): PooledResult {
    const tokens = this.#inputs.map((input) => input.length)
    return typeof this.#aim === 'string'
      ? { key: this.key, vectors: this.#vectors, tokens }
      : { key: this.key, scores: this.#scores, ...this.#aim, tokens }
  }
}

function inBase64(vectors: readonly Float32Array[], width: number): string {
  const all = new Float32Array(vectors.length * width)
  for (const [index, vector] of vectors.entries()) all.set(vector, index * width)
  return Buffer.from(all.buffer).toString('base64')
}
