/**
 * A trie of the texts of all tokens in flat arrays: a walk finds every token that a grammar allows at a position, testing each
 * shared prefix once. Pure.
 */

import { invalidGrammar } from '../errors.ts'
import type { GrammarAutomaton, Position } from './grammar-automaton.ts'

/** One bit per token. */
export type TokenSet = Uint32Array

export const has = (set: TokenSet, token: number): boolean => (set[token >>> 5]! & (1 << (token & 31))) !== 0

export const add = (set: TokenSet, token: number): void => {
  set[token >>> 5]! |= 1 << (token & 31)
}

export const remove = (set: TokenSet, token: number): void => {
  set[token >>> 5]! &= ~(1 << (token & 31))
}

/** Maximum number of grammar positions visited to determine the allowed tokens. */
const maxWork = 500_000
/** Tokens processed or sorted before yielding to the event loop. */
const tokensAtATime = 4096

export class TokenTrie {
  readonly #size: number
  /** Nodes in depth-first order: the byte that leads to each. */
  readonly #bytes: Uint8Array
  readonly #depths: Uint16Array
  /** The first node outside this node's subtree. */
  readonly #ends: Int32Array
  /** The token that ends here, -1 for none; and for each token the next one with the same text. */
  readonly #tokens: Int32Array
  readonly #twins: Int32Array

  private constructor(builder: TrieBuilder) {
    this.#size = builder.twins.length
    this.#bytes = Uint8Array.from(builder.bytes)
    this.#depths = Uint16Array.from(builder.depths)
    this.#ends = Int32Array.from(builder.ends)
    this.#tokens = Int32Array.from(builder.tokens)
    this.#twins = builder.twins
  }

  /**
   * `bytesOf` returns the text of each of `size` tokens; tokens without text are never found. Takes a while for large
   * vocabularies.
   */
  static async build(
    size: number,
    bytesOf: (token: number) => Uint8Array,
    pause: () => Promise<unknown>,
  ): Promise<TokenTrie> {
    /** Tokens by the first two bytes of their texts. */
    const groups = new Map<string, { readonly text: string; readonly token: number }[]>()
    for (let token = 0; token < size; token += 1) {
      if (token % tokensAtATime === 0) await pause()
      const text = Buffer.from(bytesOf(token)).toString('latin1')
      if (text === '') continue
      const group = groups.get(text.slice(0, 2))
      if (group === undefined) groups.set(text.slice(0, 2), [{ text, token }])
      else group.push({ text, token })
    }
    const builder = new TrieBuilder(size)
    let sincePause = 0
    for (const key of [...groups.keys()].sort()) {
      const group = groups.get(key)!
      sincePause += group.length
      if (sincePause > tokensAtATime) {
        await pause()
        sincePause = group.length
      }
      group.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.token - b.token))
      for (const { text, token } of group) builder.add(text, token)
    }
    builder.end()
    return new TokenTrie(builder)
  }

  /** The tokens whose text can come next. Throws `invalid_grammar` if determining them takes too long. */
  allowed(grammar: GrammarAutomaton, position: Position): TokenSet {
    const set = new Uint32Array((this.#size + 31) >>> 5)
    const path: Position[] = [position]
    const patience = grammar.work + maxWork
    let node = 0
    while (node < this.#bytes.length) {
      const depth = this.#depths[node]!
      const next = grammar.step(path[depth]!, this.#bytes[node]!)
      if (grammar.work > patience)
        throw invalidGrammar('what may come next, at one place, takes too long to find out')
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

/** Expects sorted texts. */
class TrieBuilder {
  readonly bytes: number[] = []
  readonly depths: number[] = []
  readonly ends: number[] = []
  readonly tokens: number[] = []
  readonly twins: Int32Array
  /** The nodes from the root to the last one. */
  readonly #path: number[] = []
  #before = ''

  constructor(size: number) {
    this.twins = new Int32Array(size).fill(-1)
  }

  add(text: string, token: number): void {
    this.#leave(sharedLength(this.#before, text))
    for (let depth = this.#path.length; depth < text.length; depth += 1) {
      this.#path.push(this.bytes.length)
      this.bytes.push(text.charCodeAt(depth))
      this.depths.push(depth)
      this.ends.push(-1)
      this.tokens.push(-1)
    }
    const node = this.#path.at(-1)!
    this.twins[token] = this.tokens[node]!
    this.tokens[node] = token
    this.#before = text
  }

  end(): void {
    this.#leave(0)
  }

  #leave(depth: number): void {
    while (this.#path.length > depth) this.ends[this.#path.pop()!] = this.bytes.length
  }
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length += 1
  return length
}
