/**
 * A grammar over one vocabulary: which tokens may follow. Results are cached per position, for all sequences with the same
 * grammar.
 */

import { GrammarAutomaton, type Position } from '../../gbnf/grammar-automaton.ts'
import { parseGbnf } from '../../gbnf/parse-gbnf.ts'
import { add, type TokenSet, type TokenTrie } from '../../gbnf/token-trie.ts'

export interface GrammarVocabulary {
  readonly size: number
  readonly trie: TokenTrie
  /** The output text of a token; empty for control tokens. */
  bytesOf(token: number): Uint8Array
  tokenNamed(name: string | number): number | undefined
}

/** Cached sets of allowed tokens; each has one bit per token. */
const maxSets = 256

export class VocabularyGrammar {
  readonly #vocabulary: GrammarVocabulary
  readonly #automaton: GrammarAutomaton
  #withSets: Position[] = []

  /** Throws `invalid_grammar`. */
  constructor(gbnf: string, vocabulary: GrammarVocabulary) {
    this.#vocabulary = vocabulary
    this.#automaton = new GrammarAutomaton(parseGbnf(gbnf, (name) => vocabulary.tokenNamed(name)))
    // Detects a grammar that is too ambiguous at the first byte now.
    void this.start
  }

  /** Before any text. */
  get start(): Position {
    return this.#automaton.start()
  }

  /** After these bytes, from the start. */
  begin(bytes: Uint8Array): Position | undefined {
    return this.#automaton.run(this.start, bytes)
  }

  /** After this token; undefined if it is not allowed. */
  next(position: Position, token: number): Position | undefined {
    return this.#automaton.runToken(position, token, this.#vocabulary.bytesOf(token))
  }

  /** All allowed tokens. */
  allowed(position: Position): TokenSet {
    if (position.notes !== undefined) return position.notes as TokenSet
    const set = this.#vocabulary.trie.allowed(this.#automaton, position)
    if (this.#automaton.hasTokens)
      for (let token = 0; token < this.#vocabulary.size; token += 1)
        if (this.#automaton.namesToken(position, token)) add(set, token)
    if (this.#withSets.length >= maxSets) {
      for (const other of this.#withSets) other.notes = undefined
      this.#withSets = []
    }
    position.notes = set
    this.#withSets.push(position)
    return set
  }
}
