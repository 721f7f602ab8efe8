/**
 * A grammar that begins at once, or at the first of some texts: where a sequence stands in it is a value, so that tokens can
 * be tried and dropped.
 */

import type { Position } from '../../gbnf/grammar-automaton.ts'
import { add, type TokenSet } from '../../gbnf/token-trie.ts'
import { ByteFinder } from '../../text/byte-finder.ts'
import type { Vocabulary } from './vocabulary.ts'
import type { VocabularyGrammar } from './vocabulary-grammar.ts'

/** Waiting for a text, of which the tail may be the beginning; or within the grammar. */
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

  /** Made anew each time: who holds an old position holds all that was found out since. */
  get begin(): GrammarState {
    return this.#isLate ? this.#finder.begin : { position: this.#grammar.start }
  }

  /**
   * After this token; undefined where it may not come. `searched`: its bytes, control tokens written out, as far as a text at
   * which the grammar begins is looked for in them.
   */
  next(state: GrammarState, token: number, searched: Uint8Array): GrammarState | undefined {
    if ('tail' in state) return this.#search(state, searched)
    const position = this.#grammar.next(state.position, token)
    return position && { position }
  }

  /** `searched`: as much of a token's bytes as `next` would be given. */
  allowed(state: GrammarState, searched: (bytes: Uint8Array) => Uint8Array): TokenSet {
    if ('position' in state) return this.#grammar.allowed(state.position)
    // Comes only where a token holds such a text and something behind it that does not fit.
    const set = new Uint32Array((this.#vocabulary.size + 31) >>> 5)
    for (let token = 0; token < this.#vocabulary.size; token += 1)
      if (this.#search(state, searched(this.#vocabulary.bytesOf(token, true))) !== undefined) add(set, token)
    return set
  }

  mayEnd(state: GrammarState): boolean {
    return 'tail' in state || state.position.complete
  }

  /** All is said that the grammar describes, and nothing can follow. */
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
