/**
 * A grammar that applies from the start, or from the first occurrence of a trigger text. The state is a value, so that tokens
 * can be tried and dropped.
 */

import type { Position } from '../../gbnf/grammar-automaton.ts'
import { add, type TokenSet } from '../../gbnf/token-trie.ts'
import { ByteFinder } from '../../text/byte-finder.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { VocabularyGrammar } from './vocabulary-grammar.ts'

/** Waiting for a trigger, of which the tail may be a part; or within the grammar. */
export type GrammarState = { readonly tail: Uint8Array } | { readonly position: Position }

export class GrammarFollower {
  readonly #grammar: VocabularyGrammar
  readonly #vocabulary: Vocabulary
  readonly #finder: ByteFinder
  readonly #isLate: boolean

  constructor(grammar: VocabularyGrammar, after: readonly string[] | undefined, vocabulary: Vocabulary) {
    this.#grammar = grammar
    this.#vocabulary = vocabulary
    this.#finder = new ByteFinder(after ?? [])
    this.#isLate = after !== undefined
  }

  /** Created anew each time: holding an old position would keep its whole cache alive. */
  get begin(): GrammarState {
    return this.#isLate ? this.#finder.begin : { position: this.#grammar.start }
  }

  /**
   * After this token; undefined if it is not allowed. `searched`: its bytes, including the text of control tokens, as far as
   * triggers are searched for in them.
   */
  next(state: GrammarState, token: number, searched: Uint8Array): GrammarState | undefined {
    if ('tail' in state) return this.#search(state, searched)
    const position = this.#grammar.next(state.position, token)
    return position && { position }
  }

  /** `searched` returns the bytes of a token that `next` would get. */
  allowed(state: GrammarState, searched: (bytes: Uint8Array) => Uint8Array): TokenSet {
    if ('position' in state) return this.#grammar.allowed(state.position)
    // Only tokens that contain a trigger followed by something invalid are excluded.
    const set = new Uint32Array((this.#vocabulary.size + 31) >>> 5)
    for (let token = 0; token < this.#vocabulary.size; token += 1)
      if (this.#search(state, searched(this.#vocabulary.bytesOf(token, true))) !== undefined) add(set, token)
    return set
  }

  mayEnd(state: GrammarState): boolean {
    return 'tail' in state || state.position.complete
  }

  /** The grammar is complete and nothing can follow. */
  isOver(state: GrammarState): boolean {
    return 'position' in state && state.position.complete && state.position.expected.length === 0
  }

  #search(state: { readonly tail: Uint8Array }, bytes: Uint8Array): GrammarState | undefined {
    const found = this.#finder.push(state, bytes)
    if ('tail' in found) return found
    const position = this.#grammar.begin(found.from)
    return position && { position }
  }
}
