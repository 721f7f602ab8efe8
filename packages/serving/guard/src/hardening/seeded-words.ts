/**
 * Leaves words out of a text at random, where the chance comes from a secret and what the text says: the same text always loses the
 * same words, and without the secret nobody knows which. Pure.
 */

import { createHmac } from 'node:crypto'

/** Words, single Han characters, and what is between them. */
const pieces = /\p{Script=Han}|[^\s\p{Script=Han}]+|\s+/gu

/**
 * `dropped`: the share of words that each copy leaves out. `canonical`: what texts that say the same have in common; where they
 * have as many words, they lose the same ones.
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

/** sfc32 by Chris Doty-Humphrey, seeded with the first 128 bits. From 0 to below 1. */
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
