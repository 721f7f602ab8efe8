/**
 * Drafts for speculative decoding without a second model: what followed the last time the sequence went like this, by two
 * tokens at least. Good for summaries, edits, code and quotations, useless elsewhere. After "Prompt Lookup Decoding"
 * (https://github.com/apoorvumang/prompt-lookup-decoding). Pure; knows nothing of models.
 */

/** Longer matches say no more. */
const longestMatch = 8
/** How many earlier places are compared; the newest first. */
const comparedPlaces = 8

/**
 * Guesses what a sequence says next: what followed the last time it went like this.
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
  /** Where each pair of tokens ended last. */
  readonly #newest = new Map<number, number>()
  /** For each place, the one before it at which the same pair ended; 0 for none. */
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
   * At most `most` tokens that may come next: what followed the longest match, of equally long ones the newest. Where that
   * runs into the end, the text goes round and is expected to go on so.
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

/** Vocabularies are far smaller than 2^26, so that no two pairs have one number. */
const pairOf = (before: number, token: number): number => before * 2 ** 26 + token
