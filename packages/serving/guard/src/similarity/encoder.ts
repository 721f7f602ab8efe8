/**
 * What turns a text into a direction: texts that mean alike, or look alike, point alike. The shipped encoders, a model of the
 * engine and a user's own function have the same door. Knows nothing of attacks.
 */

import type { Language } from '../check.ts'

export interface Encoder {
  /** Stable: vectors of one name can be compared, and files say whose theirs are. */
  readonly name: string
  readonly dimensions: number
  /** What it can tell apart. It is asked about nothing else. */
  readonly languages: readonly Language[]
  /** Of length one; all zeros where a text holds nothing it knows. In the order of the texts. */
  encode(
    texts: readonly string[],
    signal?: AbortSignal,
  ): readonly Float32Array[] | Promise<readonly Float32Array[]>
  /** 0 to 1: how much of a text it does not know, and could only guess. */
  unknownRate?(text: string): number
}

/** Scales in place to length one; zeros stay. */
export function toUnitLength(vector: Float32Array): Float32Array {
  let square = 0
  for (let d = 0; d < vector.length; d += 1) square += vector[d]! * vector[d]!
  if (square > 0) {
    const scale = 1 / Math.sqrt(square)
    for (let d = 0; d < vector.length; d += 1) vector[d]! *= scale
  }
  return vector
}

/** Of two vectors of length one. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0
  for (let d = 0; d < a.length; d += 1) dot += a[d]! * b[d]!
  return dot
}
