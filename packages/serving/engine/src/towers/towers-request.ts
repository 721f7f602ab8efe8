/** One request to embed texts and images: what of it is ready for a pass, and what came of it so far. Knows no tower. */

import type { KindInput, KindRequest } from '@hadal/batching'
import type { PooledResult } from '../llama/messages.ts'

interface Counted extends KindInput {
  /** In the request. */
  readonly index: number
  passedOver: number
}

export interface TextPart extends Counted {
  readonly kind: 'text'
  readonly ids: readonly number[]
}

export interface ImagePart extends Counted {
  readonly kind: 'image'
  readonly file: Uint8Array
  /** Absent while it is not decoded. */
  pixels?: Float32Array
  isDecoding: boolean
}

export type InputPart = TextPart | ImagePart

export class TowersRequest {
  readonly key: number
  /** To be computed, in order. */
  #parts: readonly InputPart[]
  readonly #vectors: string[]
  readonly #tokens: readonly number[]

  /** `tokens` is what each input counts as. */
  constructor(key: number, parts: readonly InputPart[], tokens: readonly number[]) {
    this.key = key
    this.#parts = parts
    this.#vectors = parts.map(() => '')
    this.#tokens = tokens
  }

  get isDone(): boolean {
    return this.#parts.length === 0
  }

  /** How many inputs it has. */
  get count(): number {
    return this.#vectors.length
  }

  get images(): readonly ImagePart[] {
    return this.#parts.filter((part) => part.kind === 'image')
  }

  /** As `planKindPass` wants it. */
  ready(): KindRequest<TowersRequest, InputPart> {
    const isReady = (part: InputPart): boolean => part.kind === 'text' || part.pixels !== undefined
    return { id: this, inputs: this.#parts.filter(isReady) }
  }

  computed(part: InputPart, vector: Float32Array): void {
    this.#vectors[part.index] = inBase64(vector)
    this.#parts = this.#parts.filter((each) => each !== part)
  }

  /** Once it is done. */
  result(): PooledResult {
    return { key: this.key, vectors: this.#vectors, tokens: this.#tokens }
  }
}

const inBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
