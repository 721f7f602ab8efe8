/**
 * Poisson sampling for private training: each row is drawn independently with the same probability, so a step may have none. Random
 * words come from a cipher in counter mode, keyed by the system or by a seed.
 */

import { createCipheriv, createHash, randomFillSync } from 'node:crypto'

/** Fills whole words with random bits. */
export type RandomWords = (words: Uint32Array) => void

/** Keyed by the system: not reproducible. */
export const secureWords: RandomWords = (words) => void randomFillSync(words)

/** ChaCha20 (RFC 8439) under a key that is a digest of `seed` and `step`: equal for equal numbers. */
export function seededWords(seed: number, step: number): RandomWords {
  const key = createHash('sha256').update(`hadal rows ${seed} ${step}`).digest()
  const cipher = createCipheriv('chacha20', key, Buffer.alloc(16))
  return (words) => {
    const zeros = new Uint8Array(words.byteLength)
    new Uint8Array(words.buffer, words.byteOffset, words.byteLength).set(cipher.update(zeros))
  }
}

const wordsAtOnce = 16_384

/** The drawn rows out of 0 to `count` - 1, in order, each with probability `rate` in [0, 1], exact to 2⁻⁶⁴. */
export function drawRows(count: number, rate: number, fill: RandomWords): number[] {
  const drawn: number[] = []
  const scaled = rate * 2 ** 32
  const whole = Math.floor(scaled)
  const rest = (scaled - whole) * 2 ** 32
  const words = new Uint32Array(Math.min(wordsAtOnce, count))
  const more = new Uint32Array(1)
  for (let start = 0; start < count; start += words.length) {
    fill(words)
    const end = Math.min(words.length, count - start)
    for (let i = 0; i < end; i += 1) {
      if (words[i]! > whole) continue
      // One in 2³² words is inconclusive.
      if (words[i] === whole) {
        fill(more)
        if (more[0]! >= rest) continue
      }
      drawn.push(start + i)
    }
  }
  return drawn
}
