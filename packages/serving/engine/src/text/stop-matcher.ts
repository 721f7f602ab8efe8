/**
 * Finds stop strings in text that arrives in pieces, holding back only a possible start of one. The result does not depend on
 * how the text is split.
 */

export interface StopStep {
  /** Text that is safe to show. */
  readonly text: string
  /** The completed stop string; nothing from its first character on is ever shown. */
  readonly stopString?: string
}

export class StopMatcher {
  readonly #stops: readonly string[]
  #held = ''

  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  push(piece: string): StopStep {
    const text = this.#held + piece
    const match = this.#firstCompleted(text)
    if (match !== undefined) {
      this.#held = ''
      return { text: text.slice(0, match.start), stopString: match.stop }
    }
    const safe = text.length - this.#openTail(text)
    this.#held = text.slice(safe)
    return { text: text.slice(0, safe) }
  }

  /** Returns the text held back, when there is no more. */
  flush(): string {
    const text = this.#held
    this.#held = ''
    return text
  }

  /** The match that ends first, as if the text had arrived character by character; the longest among these. */
  #firstCompleted(text: string): { start: number; end: number; stop: string } | undefined {
    let first: { start: number; end: number; stop: string } | undefined
    for (const stop of this.#stops) {
      const start = text.indexOf(stop)
      if (start < 0) continue
      const end = start + stop.length
      if (first === undefined || end < first.end || (end === first.end && start < first.start))
        first = { start, end, stop }
    }
    return first
  }

  /** Length of the longest suffix of `text` that is a prefix of a stop string. */
  #openTail(text: string): number {
    let longest = 0
    for (const stop of this.#stops)
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length -= 1)
        if (text.endsWith(stop.slice(0, length))) {
          longest = length
          break
        }
    return longest
  }
}
