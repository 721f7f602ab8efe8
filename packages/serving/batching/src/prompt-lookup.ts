/**
 * Draft tokens for speculative decoding without a draft model: the continuation of the last occurrence of the current suffix,
 * which must match at least two tokens. Effective for summaries, edits, code and quotations. After "Prompt Lookup Decoding"
 * (https://github.com/apoorvumang/prompt-lookup-decoding). Pure.
 */

/** Longer matches add no information. */
const longestMatch = 8
/** Earlier occurrences to compare, newest first. */
const comparedPlaces = 8

/**
 * Drafts the next tokens of a sequence from the continuation of an earlier occurrence of its suffix.
 *
 * @example
 * ```ts
 * import { PromptLookup } from '@hadal/batching'
 *
 * const lookup = new PromptLookup([5, 6, 7, 8, 5, 6])
 * lookup.propose(2) // → [ 7, 8 ]
 * ```
 */
export class PromptLookup {
  readonly #tokens: number[] = []
  /** The last position at which each pair of tokens ended. */
  readonly #newest = new Map<number, number>()
  /** For each position, the previous one at which the same pair ended; 0 for none. */
  readonly #earlier: number[] = [0, 0]

  constructor(tokens: readonly number[] = []) {
    for (const token of tokens) this.push(token)
  }

  get tokens(): readonly number[] {
    return this.#tokens
  }

  push(token: number): void {
    const before = this.#tokens.at(-1)
    this.#tokens.push(token)
    if (before === undefined) return
    const pair = pairOf(before, token)
    const place = this.#tokens.length
    this.#earlier[place] = this.#newest.get(pair) ?? 0
    this.#newest.set(pair, place)
  }

  /**
   * Up to `most` tokens that followed the longest match, the newest among equally long ones. If the continuation reaches the
   * end of the text, the text repeats and is expected to keep repeating.
   */
  propose(most: number): readonly number[] {
    const end = this.#tokens.length
    if (most < 1) return []
    let best = { place: 0, length: 0 }
    let place = this.#earlier[end]!
    for (let compared = 0; place > 0 && compared < comparedPlaces; compared += 1) {
      const length = this.#commonEnd(place, end)
      if (length > best.length) best = { place, length }
      place = this.#earlier[place]!
    }
    if (best.place === 0) return []
    const round = this.#tokens.slice(best.place, best.place + most)
    return Array.from({ length: most }, (_, at) => round[at % round.length]!)
  }

  /** How many tokens before `a` equal those before `b`. */
  #commonEnd(a: number, b: number): number {
    let length = 0
    while (
      length < longestMatch &&
      length < a &&
      this.#tokens[a - 1 - length] === this.#tokens[b - 1 - length]
    )
      length += 1
    return length
  }
}

/** Vocabularies are far smaller than 2^26, so pairs map to distinct numbers. */
const pairOf = (before: number, token: number): number => before * 2 ** 26 + token
