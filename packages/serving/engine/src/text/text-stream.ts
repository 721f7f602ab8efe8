/**
 * Converts the bytes of new tokens to text that is safe to show: whole characters only, no part of a possible stop string; and
 * tracks which tokens each piece of text consists of.
 */

import { StopMatcher } from './stop-matcher.ts'
import { Utf8Assembler } from './utf8-assembler.ts'

export interface TextStep<Token> {
  readonly text: string
  /** Tokens whose text is completely shown since the last step. */
  readonly tokens: readonly Token[]
  /** A stop string was completed. Tokens that start at or after it are never shown. */
  readonly stopString?: string
}

/** A token not shown yet. Positions count UTF-16 units of all text so far. */
interface Held<Token> {
  readonly token: Token
  readonly start: number
  /** Bytes of all tokens up to and including this one. */
  readonly bytes: number
  /** Unknown while the token ends within a character. */
  end: number | undefined
}

export class TextStream<Token> {
  readonly #stops: StopMatcher
  readonly #characters = new Utf8Assembler()
  #held: Held<Token>[] = []
  #assembled = 0
  #bytes = 0
  #shown = 0

  constructor(stops: readonly string[]) {
    this.#stops = new StopMatcher(stops)
  }

  push(bytes: Uint8Array, token: Token): TextStep<Token> {
    this.#bytes += bytes.length
    this.#held.push({ token, start: this.#assembled, bytes: this.#bytes, end: undefined })
    return this.#show(this.#characters.push(bytes))
  }

  /** No more tokens: returns everything held back, an incomplete character as U+FFFD. */
  end(): TextStep<Token> {
    const last = this.#show(this.#characters.end())
    if (last.stopString !== undefined) return last
    const rest = this.#held.map((held) => held.token)
    this.#held = []
    return { text: last.text + this.#stops.flush(), tokens: [...last.tokens, ...rest] }
  }

  #show(characters: string): TextStep<Token> {
    this.#assembled += characters.length
    const whole = this.#bytes - this.#characters.pending
    for (const held of this.#held) if (held.bytes <= whole) held.end ??= this.#assembled
    const { text, stopString } = this.#stops.push(characters)
    this.#shown += text.length
    if (stopString === undefined) return { text, tokens: this.#release() }
    const tokens = this.#held.filter((held) => held.start < this.#shown).map((held) => held.token)
    this.#held = []
    return { text, tokens, stopString }
  }

  #release(): Token[] {
    const kept = this.#held.findIndex((held) => held.end === undefined || held.end > this.#shown)
    return this.#held.splice(0, kept < 0 ? this.#held.length : kept).map((held) => held.token)
  }
}
