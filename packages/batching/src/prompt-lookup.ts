/**
 * Drafts for speculative decoding without a second model: what followed the last time the sequence went like this. Good for
 * summaries, edits, code and quotations, useless elsewhere. After "Prompt Lookup Decoding"
 * (https://github.com/apoorvumang/prompt-lookup-decoding). Pure; knows nothing of models.
 */

/** Two tokens in common are the least that says anything. */
const shortestMatch = 2
/** Longer matches say no more. */
const longestMatch = 8
/** How many earlier places are compared; the newest first. */
const comparedPlaces = 8

export class PromptLookup {
  readonly #tokens: number[] = []
  /** Where each pair of tokens ended before, the newest last. */
  readonly #places = new Map<number, number[]>()

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
    const places = this.#places.get(pair)
    if (places === undefined) this.#places.set(pair, [this.#tokens.length])
    else {
      places.push(this.#tokens.length)
      // The newest place is the end itself.
      if (places.length > comparedPlaces + 1) places.shift()
    }
  }

  /**
   * At most `most` tokens that may come next: what followed the longest match, of equally long ones the newest. Where that
   * runs into the end, the text goes round and is expected to go on so.
   */
  propose(most: number): readonly number[] {
    const end = this.#tokens.length
    if (most < 1 || end < shortestMatch) return []
    const places = this.#places.get(pairOf(this.#tokens[end - 2]!, this.#tokens[end - 1]!)) ?? []
    let best = { place: -1, length: 0 }
    for (const place of places) {
      if (place === end) continue
      const length = this.#commonEnd(place, end)
      if (length >= best.length) best = { place, length }
    }
    if (best.place < 0) return []
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
