/**
 * The texts of all tokens as a trie, laid out in one pass: walking it finds every token that a grammar allows at a position
 * without trying beginnings twice. Pure.
 */

import type { GrammarAutomaton, Position } from './grammar-automaton.ts'

/** One bit for each token. */
export type TokenSet = Uint32Array

export const has = (set: TokenSet, token: number): boolean => (set[token >>> 5]! & (1 << (token & 31))) !== 0

export const add = (set: TokenSet, token: number): void => {
  set[token >>> 5]! |= 1 << (token & 31)
}

export const remove = (set: TokenSet, token: number): void => {
  set[token >>> 5]! &= ~(1 << (token & 31))
}

export class TokenTrie {
  readonly #size: number
  /** Nodes in the order of a walk from the root, children after their parent: the byte that leads to each. */
  readonly #bytes: Uint8Array
  readonly #depths: Uint16Array
  /** The first node that is not below this one. */
  readonly #ends: Int32Array
  /** A token that ends here, -1 for none; and for each token another one of the same text. */
  readonly #tokens: Int32Array
  readonly #twins: Int32Array

  /** `texts`: the bytes of each token; tokens without any are never found. */
  constructor(texts: readonly Uint8Array[]) {
    this.#size = texts.length
    this.#twins = new Int32Array(texts.length).fill(-1)
    const spelled = texts
      .map((text, token) => ({ text: Buffer.from(text).toString('latin1'), token }))
      .filter(({ text }) => text !== '')
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.token - b.token))
    const most = spelled.reduce((sum, { text }) => sum + text.length, 0)
    const [bytes, depths, ends] = [new Uint8Array(most), new Uint16Array(most), new Int32Array(most)]
    const tokens = new Int32Array(most).fill(-1)
    let count = 0
    /** The nodes from the root to the last one. */
    const path: number[] = []
    const leave = (depth: number): void => {
      while (path.length > depth) ends[path.pop()!] = count
    }
    let before = ''
    for (const { text, token } of spelled) {
      leave(sharedLength(before, text))
      for (let depth = path.length; depth < text.length; depth += 1) {
        bytes[count] = text.charCodeAt(depth)
        depths[count] = depth
        path.push(count)
        count += 1
      }
      const node = path.at(-1)!
      this.#twins[token] = tokens[node]!
      tokens[node] = token
      before = text
    }
    leave(0)
    this.#bytes = bytes.slice(0, count)
    this.#depths = depths.slice(0, count)
    this.#ends = ends.slice(0, count)
    this.#tokens = tokens.slice(0, count)
  }

  /** The tokens whose text may come next. */
  allowed(grammar: GrammarAutomaton, position: Position): TokenSet {
    const set = new Uint32Array((this.#size + 31) >>> 5)
    const path: Position[] = [position]
    let node = 0
    while (node < this.#bytes.length) {
      const depth = this.#depths[node]!
      const next = grammar.step(path[depth]!, this.#bytes[node]!)
      if (next === undefined) {
        node = this.#ends[node]!
        continue
      }
      path[depth + 1] = next
      for (let token = this.#tokens[node]!; token >= 0; token = this.#twins[token]!) add(set, token)
      node += 1
    }
    return set
  }
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length += 1
  return length
}
