/**
 * A spelling-based encoder: bigrams and trigrams of Han characters, and 4-grams of letters within words of other scripts, weighted by
 * inverse document frequency in benign texts and hashed with signs into a fixed number of dimensions (count sketch: Charikar et al. 2002).
 * Cosines are preserved up to noise of one over the square root of the dimensions. Language-independent; texts without common n-grams are
 * dissimilar.
 */

import { type Encoder, toUnitLength } from './encoder.ts'
import { type Packed, reading } from './packed-file.ts'

/** Inverse document frequencies of hashed n-grams. */
export interface RunWeights {
  readonly name: string
  /** A power of two many entries, indexed by the low bits of the hash. In eighths. */
  readonly eighths: Uint8Array
}

export const ngramDimensions = 2048

export function ngramEncoder({ name, eighths }: RunWeights): Encoder {
  const mask = eighths.length - 1
  const encodeOne = (text: string): Float32Array => {
    const counts = new Map<number, number>()
    for (const hash of runsOf(text)) counts.set(hash, (counts.get(hash) ?? 0) + 1)
    const sum = new Float32Array(ngramDimensions)
    for (const [hash, count] of counts) {
      const spread = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0
      const at = spread % ngramDimensions
      const weight = ((1 + Math.log(count)) * eighths[hash & mask]!) / 8
      sum[at]! += spread & 0x8000_0000 ? -weight : weight
    }
    return toUnitLength(sum)
  }
  return {
    name,
    dimensions: ngramDimensions,
    languages: ['zh', 'other'],
    encode: (texts) => texts.map(encodeOne),
  }
}

/** Computed from benign texts. */
export function runWeights(name: string, texts: readonly string[], entries: number = 1 << 15): RunWeights {
  const found = new Uint32Array(entries)
  for (const text of texts)
    for (const at of new Set([...runsOf(text)].map((hash) => hash & (entries - 1)))) found[at]! += 1
  const eighths = Uint8Array.from(found, (count) =>
    Math.round(8 * Math.log((1 + texts.length) / (1 + count)) + 1),
  )
  return { name, eighths }
}

const parts = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu
const hanCharacter = /\p{Script=Han}/u

/** Hashes of all lowercase n-grams; n-grams do not cross scripts or words. */
export function runsOf(text: string): number[] {
  const hashes: number[] = []
  for (const [part] of text.toLowerCase().matchAll(parts)) {
    if (hanCharacter.test(part)) addHanRuns(part, hashes)
    else addWordRuns(part, hashes)
  }
  return hashes
}

function addHanRuns(part: string, hashes: number[]): void {
  const characters = [...part]
  for (let at = 0; at + 1 < characters.length; at += 1) {
    const pair = characters[at]! + characters[at + 1]!
    hashes.push(hashOf(pair))
    if (at + 2 < characters.length) hashes.push(hashOf(pair + characters[at + 2]!))
  }
}

const wordRun = 4

function addWordRuns(part: string, hashes: number[]): void {
  const word = ` ${part} `
  if (word.length <= wordRun) hashes.push(hashOf(word))
  for (let at = 0; at + wordRun <= word.length; at += 1) hashes.push(hashOf(word.slice(at, at + wordRun)))
}

/** FNV-1a over UTF-16 units, with mixing to improve the low bits. */
function hashOf(run: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < run.length; at += 1) hash = Math.imul(hash ^ run.charCodeAt(at), 0x01000193)
  hash ^= hash >>> 16
  return (Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13)) >>> 0
}

export function packRunWeights({ name, eighths }: RunWeights): Omit<Packed, 'kind'> {
  return { about: { runs: name }, arrays: { runs: eighths } }
}

/** Throws `guard_similarity_file_invalid`. */
export function unpackRunWeights({ about, arrays }: Omit<Packed, 'kind'>, path: string): RunWeights {
  return reading(path, () => {
    const name = (about as Record<string, unknown>).runs
    const eighths = arrays.runs
    if (typeof name !== 'string' || eighths === undefined || !isPowerOfTwo(eighths.length))
      throw new Error('the weights of its runs are missing')
    return { name, eighths }
  })
}

function isPowerOfTwo(count: number): boolean {
  return count > 0 && (count & (count - 1)) === 0
}
