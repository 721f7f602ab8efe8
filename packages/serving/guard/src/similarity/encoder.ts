/** A text encoder: similar texts get similar vectors. Interface of the bundled encoders, engine models and custom functions. */

import type { Language } from '../check.ts'

export interface Encoder {
  /** Stable: vectors of encoders with equal names are comparable, and files refer to it. */
  readonly name: string
  readonly dimensions: number
  /** Supported languages; it receives no others. */
  readonly languages: readonly Language[]
  /** Unit vectors in input order; all zeros for a text without known content. */
  encode(
    texts: readonly string[],
    signal?: AbortSignal,
  ): readonly Float32Array[] | Promise<readonly Float32Array[]>
  /** 0 to 1: the fraction of a text unknown to the encoder. */
  unknownRate?(text: string): number
}

/** Scales in place to unit length; zero vectors are unchanged. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let square = 0
  for (let d = 0; d < vector.length; d += 1) square += vector[d]! * vector[d]!
  if (square > 0) {
    const scale = 1 / Math.sqrt(square)
    for (let d = 0; d < vector.length; d += 1) vector[d]! *= scale
  }
  return vector
}

/** For unit vectors. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0
  for (let d = 0; d < a.length; d += 1) dot += a[d]! * b[d]!
  return dot
}
