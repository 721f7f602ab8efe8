/**
 * Applies learned merges to the bytes of one piece: always the earliest-learned pair, leftmost first, until none is left. O(n log
 * n), so a megabyte without a space is no trap.
 */

import { Heap } from './heap.ts'

/** Ids of a pair and of its merged token, in the order learned. */
export type Merge = readonly [left: number, right: number, result: number]

export class MergeTable {
  readonly #ranks = new Map<number, number>()
  readonly #results: Uint32Array
  readonly #stride: number
  readonly #idOfByte: Uint32Array

  /** `idOfByte` has 256 entries. */
  constructor(merges: readonly Merge[], idOfByte: Uint32Array, vocabSize: number) {
    this.#stride = vocabSize
    this.#idOfByte = idOfByte
    this.#results = Uint32Array.from(merges, ([, , result]) => result)
    merges.forEach(([left, right], rank) => {
      const pair = left * this.#stride + right
      if (!this.#ranks.has(pair)) this.#ranks.set(pair, rank)
    })
  }

  apply(bytes: Uint8Array): number[] {
    const ids = Array.from(bytes, (byte) => this.#idOfByte[byte]!)
    const count = ids.length
    if (count < 2) return ids
    // A linked list over the symbols: `next` of the last is `count`; a merged-away symbol has id -1.
    const next = Int32Array.from(ids, (_, at) => at + 1)
    const previous = Int32Array.from(ids, (_, at) => at - 1)
    // Candidates as one number: rank in the high part, position in the low, so that order is rank, then position.
    const candidates = new Heap<number>((a, b) => a < b)
    const rankAt = (at: number): number | undefined =>
      next[at]! < count ? this.#ranks.get(ids[at]! * this.#stride + ids[next[at]!]!) : undefined
    const consider = (at: number): void => {
      const rank = rankAt(at)
      if (rank !== undefined) candidates.push(rank * 2 ** 32 + at)
    }
    for (let at = 0; at < count; at++) consider(at)
    for (let top = candidates.pop(); top !== undefined; top = candidates.pop()) {
      const rank = Math.floor(top / 2 ** 32)
      const at = top % 2 ** 32
      if (ids[at] === -1 || rankAt(at) !== rank) continue
      const gone = next[at]!
      ids[at] = this.#results[rank]!
      ids[gone] = -1
      next[at] = next[gone]!
      if (next[at]! < count) previous[next[at]!] = at
      if (previous[at]! >= 0) consider(previous[at]!)
      consider(at)
    }
    return ids.filter((id) => id !== -1)
  }
}
