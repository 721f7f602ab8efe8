/**
 * Character classes as automata over UTF-8 bytes, because tokens can end within characters. States are shared by all classes of
 * a grammar. Pure.
 */

import type { Range } from './grammar-rules.ts'

/** Reached with the last byte of a character. */
export const whole = -1
/** Not a byte of any character in the class. */
export const none = -2

interface Edge {
  readonly from: number
  readonly to: number
  readonly next: number
}

const lastCode = 0x10ffff
/** Code points of one, two, three and four bytes, without surrogates, which UTF-8 does not have. */
const lengths: readonly Range[] = [
  [0, 0x7f],
  [0x80, 0x7ff],
  [0x800, 0xd7ff],
  [0xe000, 0xffff],
  [0x10000, lastCode],
]

export class Utf8States {
  readonly #states: (readonly Edge[])[] = []
  readonly #ids = new Map<string, number>()

  /** The state before the first byte of a character of the class. */
  start(ranges: readonly Range[], negated: boolean): number {
    const merged = merge(ranges)
    const sequences = lengths.flatMap(([from, to]) =>
      (negated ? complement(merged) : merged).flatMap((range) => {
        const [first, last] = [Math.max(from, range[0]), Math.min(to, range[1])]
        return first <= last ? byteSequences(first, last) : []
      }),
    )
    return this.#state(sequences)
  }

  step(state: number, byte: number): number {
    for (const { from, to, next } of this.#states[state]!) if (byte >= from && byte <= to) return next
    return none
  }

  #state(sequences: readonly (readonly Range[])[]): number {
    const edges: Edge[] = []
    let group: (readonly Range[])[] = []
    for (const [index, sequence] of sequences.entries()) {
      const [[from, to], ...rest] = sequence as [Range, ...Range[]]
      if (rest.length > 0) group.push(rest)
      const following = sequences[index + 1]?.[0]
      if (following !== undefined && following[0] === from && following[1] === to) continue
      edges.push({ from, to, next: group.length === 0 ? whole : this.#state(group) })
      group = []
    }
    const key = edges.map(({ from, to, next }) => `${from}-${to}>${next}`).join()
    let id = this.#ids.get(key)
    if (id === undefined) {
      id = this.#states.length
      this.#states.push(edges)
      this.#ids.set(key, id)
    }
    return id
  }
}

/** Sorted, merged where they overlap or touch. */
function merge(ranges: readonly Range[]): Range[] {
  const merged: [number, number][] = []
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  return merged
}

function complement(merged: readonly Range[]): Range[] {
  const others: Range[] = []
  let next = 0
  for (const [from, to] of merged) {
    if (from > next) others.push([next, from - 1])
    next = to + 1
  }
  if (next <= lastCode) others.push([next, lastCode])
  return others
}

/** Code points of equal byte length as sequences of byte ranges. */
function byteSequences(from: number, to: number): Range[][] {
  if (to <= 0x7f) return [[[from, to]]]
  for (let bits = 6; bits <= 18; bits += 6) {
    const mask = (1 << bits) - 1
    if ((from & ~mask) === (to & ~mask)) break
    if ((from & mask) !== 0)
      return [...byteSequences(from, from | mask), ...byteSequences((from | mask) + 1, to)]
    if ((to & mask) !== mask)
      return [...byteSequences(from, (to & ~mask) - 1), ...byteSequences(to & ~mask, to)]
  }
  const last = Buffer.from(String.fromCodePoint(to))
  return [[...Buffer.from(String.fromCodePoint(from))].map((byte, index): Range => [byte, last[index]!])]
}
