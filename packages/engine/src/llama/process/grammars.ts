/**
 * The grammars of a vocabulary: those used lately are kept, with all that was found out about them, because requests with the
 * same tools or the same schema come again and again.
 */

import { TokenTrie } from '../../gbnf/token-trie.ts'
import type { Vocabulary } from './vocabulary.ts'
import { type GrammarVocabulary, VocabularyGrammar } from './vocabulary-grammar.ts'

const mostKept = 16
/** Characters of grammars that are kept. */
const mostText = 2 ** 21

export class Grammars {
  readonly #shown: GrammarVocabulary
  readonly #spelled: GrammarVocabulary
  /** The least recently used first. */
  readonly #kept = new Map<string, VocabularyGrammar>()

  constructor(vocabulary: Vocabulary) {
    this.#shown = vocabularyFor(vocabulary, false)
    this.#spelled = vocabularyFor(vocabulary, true)
  }

  /** `controlText`: control tokens count as their text. Throws `invalid_grammar`. */
  get(gbnf: string, controlText: boolean): VocabularyGrammar {
    const key = `${controlText} ${gbnf}`
    const grammar =
      this.#kept.get(key) ?? new VocabularyGrammar(gbnf, controlText ? this.#spelled : this.#shown)
    this.#kept.delete(key)
    this.#kept.set(key, grammar)
    let text = 0
    for (const [index, each] of [...this.#kept.keys()].reverse().entries()) {
      text += each.length
      if (index > 0 && (index >= mostKept || text > mostText)) this.#kept.delete(each)
    }
    return grammar
  }
}

/** The trie is made when it is first needed: for a large vocabulary that takes a while. */
function vocabularyFor(vocabulary: Vocabulary, controlText: boolean): GrammarVocabulary {
  let trie: TokenTrie | undefined
  const bytesOf = (token: number): Uint8Array => vocabulary.bytesOf(token, controlText)
  return {
    size: vocabulary.size,
    get trie() {
      trie ??= new TokenTrie(Array.from({ length: vocabulary.size }, (_, token) => bytesOf(token)))
      return trie
    },
    bytesOf,
    tokenNamed: (name) => vocabulary.named(name),
  }
}
