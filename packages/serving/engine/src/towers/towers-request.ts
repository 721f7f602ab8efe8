/** The progress of one request to embed texts and images. */

import type { KindInput, KindRequest } from '@hadal/batching'
import type { PooledResult } from '../llama/messages.ts'

interface Counted extends KindInput {
  /** Within the request. */
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
  /** Absent until it is decoded. */
  pixels?: Float32Array
  isDecoding: boolean
}

export type InputPart = TextPart | ImagePart

export class TowersRequest {
  readonly key: number
  /** Remaining inputs, in order. */
  #parts: readonly InputPart[]
  readonly #vectors: string[]
  readonly #tokens: readonly number[]

  /** `tokens`: the token count of each input. */
  constructor(key: number, parts: readonly InputPart[], tokens: readonly number[]) {
    this.key = key
    this.#parts = parts
    this.#vectors = parts.map(() => '')
    this.#tokens = tokens
  }

  get isDone(): boolean {
    return this.#parts.length === 0
  }

  /** Number of inputs. */
  get count(): number {
    return this.#vectors.length
  }

  get images(): readonly ImagePart[] {
    return this.#parts.filter((part) => part.kind === 'image')
  }

  /** For `planKindPass`. */
  ready(): KindRequest<TowersRequest, InputPart> {
    const isReady = (part: InputPart): boolean => part.kind === 'text' || part.pixels !== undefined
    return { id: this, inputs: this.#parts.filter(isReady) }
  }

  computed(part: InputPart, vector: Float32Array): void {
    this.#vectors[part.index] = inBase64(vector)
    this.#parts = this.#parts.filter((each) => each !== part)
  }

  /** Call once it is done. */
  result(): PooledResult {
    return { key: this.key, vectors: this.#vectors, tokens: this.#tokens }
  }
}

const inBase64 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')
