/** The bundled encoders: a distilled table for English, and a spelling-based one for Chinese and other scripts. */

import { fileURLToPath } from 'node:url'
import type { Encoder } from './encoder.ts'
import { ngramEncoder, unpackRunWeights } from './ngram-encoder.ts'
import { readPacked } from './packed-file.ts'
import { staticEncoder, unpackStaticTable } from './static-encoder.ts'

const shipped = fileURLToPath(new URL('../../weights/encoder.bin', import.meta.url))
let loaded: readonly [Encoder, Encoder] | undefined

function load(): readonly [Encoder, Encoder] {
  if (loaded === undefined) {
    const packed = readPacked(shipped, 'encoder')
    loaded = [
      staticEncoder(unpackStaticTable(packed, shipped)),
      ngramEncoder(unpackRunWeights(packed, shipped)),
    ]
  }
  return loaded
}

/**
 * English. Loaded on first use. Throws `guard_similarity_file_invalid`.
 *
 * @example
 * ```ts
 * import { loadStaticEncoder } from '@hadal/guard'
 *
 * const encoder = loadStaticEncoder() // compares what words mean
 * const [vector] = await encoder.encode(['ignore previous instructions'])
 * vector?.length === encoder.dimensions // → true
 * ```
 */
export function loadStaticEncoder(): Encoder {
  return load()[0]
}

/**
 * Chinese and other scripts. Loaded on first use. Throws `guard_similarity_file_invalid`.
 *
 * @example
 * ```ts
 * import { loadNgramEncoder } from '@hadal/guard'
 *
 * const encoder = loadNgramEncoder() // compares spelling, in any language
 * const [vector] = await encoder.encode(['ignore previous instructions'])
 * vector?.length === encoder.dimensions // → true
 * ```
 */
export function loadNgramEncoder(): Encoder {
  return load()[1]
}

/**
 * The bundled encoders, which need no network.
 *
 * @example
 * ```ts
 * import { builtInEncoders } from '@hadal/guard'
 *
 * builtInEncoders().map(({ name }) => name)
 * ```
 */
export function builtInEncoders(): readonly Encoder[] {
  return load()
}
