/**
 * Drops random words from a text, seeded by a secret and the text itself: the same text always loses the same words, and without the secret
 * they are unpredictable. Pure.
 */

import { createHmac } from 'node:crypto'

/** Words, single Han characters, and separators. */
const pieces = /\p{Script=Han}|[^\s\p{Script=Han}]+|\s+/gu

/**
 * `dropped`: fraction of words each copy omits. `canonical`: the normalized text; variants with the same normalization and word count lose
 * the same words.
 */
export function wordDropped(
  text: string,
  canonical: string,
  secret: string | Uint8Array,
  copies: number,
  dropped: number,
): readonly string[] {
  const random = randomOf(createHmac('sha256', secret).update(canonical).digest())
  const words = text.match(pieces) ?? []
  return Array.from({ length: copies }, () =>
    words.filter((word) => word.trim() === '' || random() >= dropped).join(''),
  )
}

/** sfc32 by Chris Doty-Humphrey, seeded with the first 128 bits. In [0, 1). */
function randomOf(seed: Buffer): () => number {
  let [a, b, c, counter] = [0, 4, 8, 12].map((at) => seed.readInt32LE(at)) as [number, number, number, number]
  return () => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}
