/**
 * A table-based English encoder: the sum of word vectors distilled from a sentence encoder (`scripts/distill-encoder.ts`; the model2vec
 * recipe). Words outside the table are split into pieces and counted as unknown, because a text with many of them is encoded unreliably.
 */

import { type Encoder, toUnitLength } from './encoder.ts'
import { bytesOf, numbersOf, type Packed, reading } from './packed-file.ts'

export interface StaticTable {
  readonly name: string
  readonly dimensions: number
  /** Whole words, then word pieces, in row order. */
  readonly words: readonly string[]
  readonly pieces: readonly string[]
  /** One row each, concatenated; multiplied by its scale. */
  readonly rows: Int8Array
  readonly scales: Float32Array
}

const longestPiece = 12
const maxFound = 2048

export function staticEncoder({ name, dimensions, words, pieces, rows, scales }: StaticTable): Encoder {
  const rowsOf = rowFinder(words, pieces)
  const known = new Set(words)
  // Cache for the two passes over a window: unknown rate, then encoding.
  const found = new Map<string, readonly string[]>()
  const wordsFound = (text: string): readonly string[] => {
    const before = found.get(text)
    if (before !== undefined) return before
    if (found.size >= maxFound) found.clear()
    const now = wordsOf(text)
    found.set(text, now)
    return now
  }
  const encodeOne = (text: string): Float32Array => {
    const sum = new Float32Array(dimensions)
    for (const row of rowsOf(wordsFound(text))) {
      const scale = scales[row]!
      for (let d = 0, at = row * dimensions; d < dimensions; d += 1, at += 1) sum[d]! += scale * rows[at]!
    }
    return toUnitLength(sum)
  }
  /** Weighted by letters, because a long unknown word hides more than a short one. Numbers are excluded. */
  const unknownRate = (text: string): number => {
    let [unknown, all] = [0, 0]
    for (const word of wordsFound(text)) {
      if (word <= '9~') continue
      all += word.length
      if (!known.has(word)) unknown += word.length
    }
    return all === 0 ? 1 : unknown / all
  }
  const encode = (texts: readonly string[]): Float32Array[] => {
    const vectors = texts.map(encodeOne)
    found.clear()
    return vectors
  }
  return { name, dimensions, languages: ['en'], encode, unknownRate }
}

/** Rows of a word, or of its pieces, longest first. Letters without a piece are skipped. */
export function rowFinder(
  words: readonly string[],
  pieces: readonly string[],
): (query: readonly string[]) => number[] {
  const rowOfWord = new Map(words.map((word, at) => [word, at]))
  const rowOfPiece = new Map(pieces.map((piece, at) => [piece, words.length + at]))
  return (query) => {
    const rows: number[] = []
    for (const word of query) {
      const row = rowOfWord.get(word)
      if (row !== undefined) rows.push(row)
      else
        for (let at = 0; at < word.length; ) {
          let length = Math.min(longestPiece, word.length - at)
          let piece: number | undefined
          for (; length > 0; length -= 1) {
            piece = rowOfPiece.get(word.slice(at, at + length))
            if (piece !== undefined) break
          }
          if (piece !== undefined) rows.push(piece)
          at += Math.max(length, 1)
        }
    }
    return rows
  }
}

/** Lowercase; apostrophes stay within words. Linear; word length is bounded. */
export function wordsOf(text: string): string[] {
  const lower = text.toLowerCase().replaceAll('’', "'")
  return lower.match(ascii.test(lower) ? asciiWord : anyWord) ?? []
}

const ascii = /^[\x00-\x7f]*$/
/** A fast path for ASCII. */
const asciiWord = /[a-z0-9](?:[a-z0-9']{0,30}[a-z0-9])?/g
const anyWord = /[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}']{0,30}[\p{L}\p{M}\p{N}])?/gu

export function packStaticTable(table: StaticTable): Omit<Packed, 'kind'> {
  const { name, dimensions, words, pieces, rows, scales } = table
  return {
    about: { name, dimensions, words: words.join('\n'), pieces: pieces.join('\n') },
    arrays: {
      rows: bytesOf(rows),
      scales: bytesOf(scales),
    },
  }
}

/** Throws `guard_similarity_file_invalid`. */
export function unpackStaticTable({ about, arrays }: Omit<Packed, 'kind'>, path: string): StaticTable {
  return reading(path, () => {
    const { name, dimensions, words, pieces } = about as Record<string, unknown>
    if (typeof name !== 'string' || typeof words !== 'string' || typeof pieces !== 'string')
      throw new Error('its name or its words are missing')
    const [rows, scales] = [numbersOf(Int8Array, arrays.rows), numbersOf(Float32Array, arrays.scales)]
    const table = {
      name,
      dimensions: Number(dimensions),
      words: words.split('\n'),
      pieces: pieces.split('\n'),
    }
    const count = table.words.length + table.pieces.length
    if (scales.length !== count || rows.length !== count * table.dimensions || !scales.every(Number.isFinite))
      throw new Error(`it has ${count} words, and ${scales.length} rows of ${rows.length} numbers together`)
    return { ...table, rows, scales }
  })
}
