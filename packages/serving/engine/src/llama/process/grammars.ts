/**
 * The grammars of a vocabulary. Recently used ones are cached with their transitions, because requests with the same tools or
 * schema recur.
 */

import { setImmediate } from 'node:timers/promises'
import { TokenTrie } from '../../gbnf/token-trie.ts'
import type { Vocabulary } from './vocabulary.ts'
import { type GrammarVocabulary, VocabularyGrammar } from './vocabulary-grammar.ts'

const maxKept = 16
/** Total characters of cached grammars. */
const maxText = 2 ** 21

export class Grammars {
  readonly #shown: ReadVocabulary
  readonly #spelled: ReadVocabulary
  /** Least recently used first. */
  readonly #kept = new Map<string, VocabularyGrammar>()

  constructor(vocabulary: Vocabulary) {
    this.#shown = new ReadVocabulary(vocabulary, false)
    this.#spelled = new ReadVocabulary(vocabulary, true)
  }

  /** `controlText`: control tokens count as their text. Throws `invalid_grammar`. */
  async get(gbnf: string, controlText: boolean): Promise<VocabularyGrammar> {
    const vocabulary = controlText ? this.#spelled : this.#shown
    const key = `${controlText} ${gbnf}`
    const grammar = this.#kept.get(key) ?? new VocabularyGrammar(gbnf, vocabulary)
    this.#kept.delete(key)
    this.#kept.set(key, grammar)
    let text = 0
    for (const [index, each] of [...this.#kept.keys()].reverse().entries()) {
      text += each.length
      if (index > 0 && (index >= maxKept || text > maxText)) this.#kept.delete(each)
    }
    await vocabulary.ready()
    return grammar
  }
}

const pause = (): Promise<void> => setImmediate()

class ReadVocabulary implements GrammarVocabulary {
  readonly size: number
  readonly #vocabulary: Vocabulary
  readonly #controlText: boolean
  #building: Promise<TokenTrie> | undefined
  #trie: TokenTrie | undefined

  constructor(vocabulary: Vocabulary, controlText: boolean) {
    this.size = vocabulary.size
    this.#vocabulary = vocabulary
    this.#controlText = controlText
  }

  /** Building the trie of a large vocabulary takes a while: done in parts, so that steps can run in between. */
  async ready(): Promise<void> {
    this.#building ??= TokenTrie.build(this.size, (token) => this.bytesOf(token), pause)
    this.#trie = await this.#building
  }

  get trie(): TokenTrie {
    if (this.#trie === undefined) throw new Error('the trie is not built yet')
    return this.#trie
  }

  bytesOf(token: number): Uint8Array {
    return this.#vocabulary.bytesOf(token, this.#controlText)
  }

  tokenNamed(name: string | number): number | undefined {
    return this.#vocabulary.named(name)
  }
}
