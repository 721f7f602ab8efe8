/** A minimal test encoder: texts with the same words are similar. */

import { type Encoder, toUnitLength } from '../src/similarity/encoder.ts'

const dimensions = 64

export const bagOfWords: Encoder = {
  name: 'bag-of-words',
  dimensions,
  languages: ['en'],
  encode: (texts) => texts.map(bagOf),
}

export function bagOf(text: string): Float32Array {
  const sum = new Float32Array(dimensions)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    let hash = 7
    for (const character of word) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193)
    sum[(hash >>> 8) % dimensions]! += 1
  }
  return toUnitLength(sum)
}
