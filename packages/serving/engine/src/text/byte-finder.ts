/** Finds the first of several texts in bytes that arrive in pieces. The state is a value: a piece can be tried and dropped. */

export type Search =
  /** Not found yet: the last bytes, which may be the start of one of the texts. */
  | { readonly tail: Uint8Array }
  /** Found: all bytes from its first one on. */
  | { readonly from: Uint8Array; readonly found: Uint8Array }

export class ByteFinder {
  readonly begin: { readonly tail: Uint8Array } = { tail: new Uint8Array(0) }
  readonly #texts: readonly Uint8Array[]
  readonly #longest: number

  constructor(texts: readonly string[]) {
    this.#texts = texts.filter((text) => text !== '').map((text) => Buffer.from(text))
    this.#longest = Math.max(1, ...this.#texts.map((text) => text.length))
  }

  /** If there are several, the one that ends first; among these, the longest. */
  push({ tail }: { readonly tail: Uint8Array }, bytes: Uint8Array): Search {
    const all = Buffer.concat([tail, bytes])
    let first: { start: number; end: number; text: Uint8Array } | undefined
    for (const text of this.#texts) {
      const start = all.indexOf(text)
      const end = start + text.length
      if (start < 0) continue
      if (first === undefined || end < first.end || (end === first.end && start < first.start))
        first = { start, end, text }
    }
    if (first !== undefined) return { from: all.subarray(first.start), found: first.text }
    return { tail: all.subarray(Math.max(0, all.length - this.#longest + 1)) }
  }
}
