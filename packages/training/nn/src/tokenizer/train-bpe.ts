/**
 * Learns a byte-level BPE: the most frequent adjacent pair becomes a token, again and again (Sennrich et al. 2016,
 * arXiv:1508.07909). Pieces are counted once; a merge then touches only the pieces that hold its pair.
 */

import { invalidSpecialToken, invalidVocabSize } from './errors.ts'
import { Heap } from './heap.ts'
import type { Merge } from './merge-table.ts'
import { ownCopy, preTokenizer, qwen2Pattern } from './pre-tokenizer.ts'
import { anyOf, Tokenizer } from './tokenizer.ts'

export interface TrainBpeOptions {
  /** Bytes, merges and special tokens together. A small corpus may give fewer: a pair seen once is not learned. */
  readonly vocabSize: number
  /** They get the last ids, in this order. In the texts, they are separators and are not learned from. */
  readonly specialTokens?: readonly string[]
  readonly pattern?: string
}

/**
 * The same texts, in any order, give the same tokenizer: ties go to the pair with the smaller ids.
 *
 * @example
 * ```ts
 * import { trainBpe } from '@hadal/nn'
 *
 * const tokenizer = trainBpe(['the cat sat on the mat, the cat sat'], { vocabSize: 270, specialTokens: ['<|endoftext|>'] })
 * tokenizer.encode('the cat').length // → 2
 * ```
 */
export function trainBpe(
  texts: Iterable<string>,
  { vocabSize, specialTokens = [], pattern = qwen2Pattern }: TrainBpeOptions,
): Tokenizer {
  const least = 256 + specialTokens.length
  if (!Number.isInteger(vocabSize) || vocabSize < least) throw invalidVocabSize(vocabSize, least)
  const repeated = specialTokens.find((token, at) => specialTokens.indexOf(token) !== at)
  if (repeated !== undefined) throw invalidSpecialToken(repeated, 'is given twice')
  if (specialTokens.includes('')) throw invalidSpecialToken('', 'is empty')

  const pieces = countPieces(texts, pattern, specialTokens)
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte))
  const merges = learnMerges(pieces, tokens, vocabSize - specialTokens.length)
  const special = new Map(specialTokens.map((token, at) => [token, tokens.length + at]))
  tokens.push(...specialTokens.map((token) => new TextEncoder().encode(token)))
  return new Tokenizer({ patterns: [pattern], tokens, merges, specialTokens: special })
}

function countPieces(
  texts: Iterable<string>,
  pattern: string,
  specialTokens: readonly string[],
): ReadonlyMap<string, number> {
  const split = preTokenizer([pattern])
  const separator = specialTokens.length === 0 ? undefined : anyOf(specialTokens)
  const counts = new Map<string, number>()
  for (const text of texts) {
    for (const part of separator === undefined ? [text] : text.split(separator)) {
      for (const piece of split(part)) {
        const count = counts.get(piece)
        if (count === undefined) counts.set(ownCopy(piece), 1)
        else counts.set(piece, count + 1)
      }
    }
  }
  return counts
}

interface Pair {
  readonly left: number
  readonly right: number
  count: number
  /** Pieces that hold the pair, or held it once. */
  readonly pieces: number[]
}

/** Appends the learned tokens to `tokens` until there are `size`, and returns the merges that make them. */
function learnMerges(counted: ReadonlyMap<string, number>, tokens: Uint8Array[], size: number): Merge[] {
  const pieces = [...counted.keys()].map((piece) => Array.from(new TextEncoder().encode(piece)))
  const counts = [...counted.values()]
  const pairs = new Map<number, Pair>()
  // Entries may be out of date, but a count on the heap is never less than the true one: see `maxFrequent`.
  const heap = new Heap<Readonly<{ pair: Pair; count: number }>>((a, b) =>
    a.count !== b.count
      ? a.count > b.count
      : a.pair.left !== b.pair.left
        ? a.pair.left < b.pair.left
        : a.pair.right < b.pair.right,
  )
  const grown = new Set<Pair>()

  const add = (left: number, right: number, count: number, piece: number): void => {
    const key = left * size + right
    let pair = pairs.get(key)
    if (pair === undefined) {
      pair = { left, right, count: 0, pieces: [] }
      pairs.set(key, pair)
    }
    pair.count += count
    if (count < 0) return
    if (pair.pieces.at(-1) !== piece) pair.pieces.push(piece)
    grown.add(pair)
  }
  const publishGrown = (): void => {
    for (const pair of grown) heap.push({ pair, count: pair.count })
    grown.clear()
  }
  const maxFrequent = (): Pair | undefined => {
    for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
      const { pair, count } = top
      if (pair.count === count) return count >= 2 ? pair : undefined
      if (pair.count < count && pair.count >= 2) heap.push({ pair, count: pair.count })
    }
    return undefined
  }
  const mergeIn = (index: number, { left, right }: Pair, result: number): void => {
    const ids = pieces[index]!
    const count = counts[index]!
    let length = 0
    for (let at = 0; at < ids.length; at++) {
      if (ids[at] !== left || ids[at + 1] !== right) {
        ids[length++] = ids[at]!
        continue
      }
      const before = length > 0 ? ids[length - 1]! : undefined
      const after = ids[at + 2]
      if (before !== undefined) {
        add(before, left, -count, index)
        add(before, result, count, index)
      }
      if (after !== undefined) {
        add(right, after, -count, index)
        add(result, after, count, index)
      }
      ids[length++] = result
      at++
    }
    ids.length = length
  }

  pieces.forEach((ids, index) => {
    for (let at = 0; at + 1 < ids.length; at++) add(ids[at]!, ids[at + 1]!, counts[index]!, index)
  })
  publishGrown()

  // Two roads can lead to the same bytes; they share one token, so a pair merged away can come back.
  const merges = new Map<number, Merge>()
  const idOfBytes = new Map(tokens.map((bytes, id) => [keyOf(bytes), id]))
  while (tokens.length < size) {
    const pair = maxFrequent()
    if (pair === undefined) break
    const bytes = Buffer.concat([tokens[pair.left]!, tokens[pair.right]!])
    const result = idOfBytes.get(keyOf(bytes)) ?? tokens.push(bytes) - 1
    idOfBytes.set(keyOf(bytes), result)
    const key = pair.left * size + pair.right
    if (!merges.has(key)) merges.set(key, [pair.left, pair.right, result])
    for (const index of new Set(pair.pieces)) mergeIn(index, pair, result)
    pairs.delete(key)
    pair.count = 0
    grown.delete(pair)
    publishGrown()
  }
  return [...merges.values()]
}

const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
