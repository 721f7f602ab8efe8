/**
 * Which tokens may come next in one sequence, whatever the model thinks of them: what its grammar allows, no end before there
 * are enough tokens, the end of a reasoning that has had its tokens. Knows nothing of likelihoods.
 */

import { add, remove, type TokenSet } from '../../gbnf/token-trie.ts'
import type { StartSequence } from '../messages.ts'
import type { GrammarFollower, GrammarState } from './grammar-follower.ts'
import { type Reasoning, ReasoningWatch } from './reasoning-watch.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface RulesOptions {
  readonly start: StartSequence
  readonly vocabulary: Vocabulary
  readonly grammar: GrammarFollower | undefined
  /** What ends a reasoning by force. */
  readonly thinkingEnd: readonly number[]
}

interface State {
  readonly grammar: GrammarState | undefined
  readonly reasoning: Reasoning | undefined
}

export class TokenRules {
  /** Tokens of end of generation that must not come: made impossible by a bias, too, which costs nothing. */
  readonly never: ReadonlySet<number>
  readonly #ends: ReadonlySet<number>
  readonly #minTokens: number
  readonly #vocabulary: Vocabulary
  readonly #grammar: GrammarFollower | undefined
  readonly #watch: ReasoningWatch | undefined
  readonly #thinkingEnd: readonly number[]
  #state: State
  #count = 0
  /** Of what ends the reasoning: tokens that came already. */
  #forced = 0

  constructor({ start, vocabulary, grammar, thinkingEnd }: RulesOptions) {
    const { ignoreEos, stopTokens } = start
    this.never = new Set(ignoreEos ? vocabulary.ends.filter((token) => !stopTokens.includes(token)) : [])
    this.#ends = new Set(ignoreEos ? stopTokens : [...vocabulary.ends, ...stopTokens])
    this.#minTokens = start.minTokens
    this.#vocabulary = vocabulary
    this.#grammar = grammar
    this.#watch = start.thinking === null ? undefined : new ReasoningWatch(start.thinking)
    this.#thinkingEnd = thinkingEnd
    this.#state = { grammar: grammar?.begin, reasoning: this.#watch?.begin }
  }

  /** Generation ends with it. */
  ends(token: number): boolean {
    return this.#ends.has(token)
  }

  /** Any token may come that has no bias against it. */
  get isFree(): boolean {
    return this.#grammar === undefined && this.#count >= this.#minTokens
  }

  /** Nothing more may come, not even an end. Throws `invalid_grammar`. */
  get isOver(): boolean {
    const { grammar } = this.#state
    return grammar !== undefined && this.#grammar!.isOver(grammar)
  }

  /** The token that has to come, by force. */
  get forced(): number | undefined {
    const { reasoning } = this.#state
    if (this.#watch === undefined || (this.#forced === 0 && !this.#watch.isUsedUp(reasoning!)))
      return undefined
    const token = this.#thinkingEnd[this.#forced]
    return token !== undefined && this.permits(token) ? token : undefined
  }

  /** Throws `invalid_grammar` where the grammar is too ambiguous to follow. */
  permits(token: number): boolean {
    if (this.never.has(token)) return false
    return this.#ends.has(token) ? this.#mayEnd() : this.#after(token) !== undefined
  }

  /** All tokens that may come. */
  permitted(): TokenSet {
    const { grammar, reasoning } = this.#state
    const set =
      grammar === undefined
        ? new Uint32Array((this.#vocabulary.size + 31) >>> 5).fill(0xffff_ffff)
        : this.#grammar!.allowed(grammar, (bytes) => this.#outside(reasoning, bytes)).slice()
    for (const token of this.never) remove(set, token)
    const mayEnd = this.#mayEnd()
    for (const token of this.#ends)
      if (mayEnd) add(set, token)
      else remove(set, token)
    return set
  }

  /** It comes. */
  accept(token: number): void {
    this.#count += 1
    if (this.#ends.has(token)) return
    const isForced = token === this.forced
    this.#state = this.#after(token) ?? this.#state
    // Begun means done: the reasoning is used up again only if it was opened again, which is not looked for.
    if (isForced) this.#forced += 1
  }

  #mayEnd(): boolean {
    const { grammar } = this.#state
    return this.#count >= this.#minTokens && (grammar === undefined || this.#grammar!.mayEnd(grammar))
  }

  /** Undefined where the token may not come. */
  #after(token: number): State | undefined {
    const { grammar, reasoning } = this.#state
    const spelled = this.#vocabulary.bytesOf(token, true)
    const read = reasoning && this.#watch?.read(reasoning, spelled)
    if (grammar === undefined) return { grammar, reasoning: read?.next }
    const next = this.#grammar!.next(grammar, token, read?.outside ?? spelled)
    return next && { grammar: next, reasoning: read?.next }
  }

  #outside(reasoning: Reasoning | undefined, bytes: Uint8Array): Uint8Array {
    return reasoning === undefined ? bytes : this.#watch!.read(reasoning, bytes).outside
  }
}
