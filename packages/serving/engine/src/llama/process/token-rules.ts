/** Which tokens are allowed next in a sequence: by its grammar, its minimum length, and its reasoning budget. */

import { add, remove, type TokenSet } from '../../gbnf/token-trie.ts'
import type { StartSequence } from '../messages.ts'
import type { GrammarFollower, GrammarState } from './grammar-follower.ts'
import { type Reasoning, ReasoningWatch } from './reasoning-watch.ts'
import type { Vocabulary } from './vocabulary.ts'

export interface RulesOptions {
  readonly start: StartSequence
  readonly vocabulary: Vocabulary
  readonly grammar: GrammarFollower | undefined
  /** The tokens that end reasoning by force. */
  readonly thinkingEnd: readonly number[]
}

interface State {
  readonly grammar: GrammarState | undefined
  readonly reasoning: Reasoning | undefined
}

export class TokenRules {
  /** End-of-generation tokens that are suppressed; also banned by a bias, which is free. */
  readonly never: ReadonlySet<number>
  readonly #ends: ReadonlySet<number>
  readonly #minTokens: number
  readonly #vocabulary: Vocabulary
  readonly #grammar: GrammarFollower | undefined
  readonly #watch: ReasoningWatch | undefined
  readonly #thinkingEnd: readonly number[]
  #state: State
  #count = 0
  /** Number of forced tokens already emitted. */
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

  /** Whether generation ends with it. */
  ends(token: number): boolean {
    return this.#ends.has(token)
  }

  /** Any token without a bias against it is allowed. */
  get isFree(): boolean {
    return this.#grammar === undefined && this.#count >= this.#minTokens
  }

  /** Nothing further is allowed, not even an end token. Throws `invalid_grammar`. */
  get isOver(): boolean {
    const { grammar } = this.#state
    return grammar !== undefined && this.#grammar!.isOver(grammar)
  }

  /** The token that must come next. */
  get forced(): number | undefined {
    const { reasoning } = this.#state
    if (this.#watch === undefined || (this.#forced === 0 && !this.#watch.isUsedUp(reasoning!)))
      return undefined
    const token = this.#thinkingEnd[this.#forced]
    return token !== undefined && this.permits(token) ? token : undefined
  }

  /** Throws `invalid_grammar` if the grammar is too ambiguous. */
  permits(token: number): boolean {
    if (this.never.has(token)) return false
    return this.#ends.has(token) ? this.#mayEnd() : this.#after(token) !== undefined
  }

  /** All allowed tokens. */
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

  /** Accepts a token. */
  accept(token: number): void {
    this.#count += 1
    if (this.#ends.has(token)) return
    const isForced = token === this.forced
    this.#state = this.#after(token) ?? this.#state
    // Once started, the end is completed: reopened reasoning is not checked again.
    if (isForced) this.#forced += 1
  }

  #mayEnd(): boolean {
    const { grammar } = this.#state
    return this.#count >= this.#minTokens && (grammar === undefined || this.#grammar!.mayEnd(grammar))
  }

  /** Undefined if the token is not allowed. */
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
