/**
 * Incremental input. Parsers are generators that yield when they need more text, so they are written as if the whole text were available,
 * and chunk boundaries cannot matter.
 */

export type Reading<T> = Generator<void, T, void>

export class Incoming {
  #text = ''
  #ended = false
  /** A high surrogate waiting for its low surrogate. */
  #half = ''
  #taken: string | undefined

  push(text: string): void {
    const all = this.#half + text
    const last = all.charCodeAt(all.length - 1)
    const cut = last >= 0xd800 && last < 0xdc00 ? all.length - 1 : all.length
    this.#text += all.slice(0, cut)
    this.#half = all.slice(cut)
  }

  end(): void {
    this.#text += this.#half
    this.#half = ''
    this.#ended = true
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Available unread text. */
  get text(): string {
    return this.#text
  }

  take(count: number): string {
    const taken = this.#text.slice(0, count)
    this.#text = this.#text.slice(count)
    if (this.#taken !== undefined) this.#taken += taken
    return taken
  }

  /** Unreads text. */
  putBack(text: string): void {
    this.#text = text + this.#text
    if (this.#taken !== undefined) this.#taken = this.#taken.slice(0, -text.length)
  }

  /** Starts recording consumed text until `commit`. */
  attempt(before: string): void {
    this.#taken = before
  }

  /** Discards the recording. */
  commit(): void {
    if (this.#taken !== undefined) this.#taken = ''
  }

  /** Returns text consumed since the last commit. */
  endAttempt(): string {
    const taken = this.#taken ?? ''
    this.#taken = undefined
    return taken
  }

  /** Whether there is another character; waits for it. */
  *more(): Reading<boolean> {
    while (this.#text === '' && !this.#ended) yield
    return this.#text !== ''
  }

  /** Consumes `text` if it is next. */
  *takes(text: string): Reading<boolean> {
    while (this.#text.length < text.length && text.startsWith(this.#text) && !this.#ended) yield
    if (!this.#text.startsWith(text)) return false
    this.take(text.length)
    return true
  }

  /** Consumes white space. */
  *space(): Reading<string> {
    let taken = ''
    while (yield* this.more()) {
      const count = this.#text.length - this.#text.trimStart().length
      taken += this.take(count)
      if (this.#text !== '') break
    }
    return taken
  }

  /**
   * Emits text up to the first of `marks` and consumes that; undefined if the text ended. Holds back only possible prefixes of a marker.
   */
  *until(marks: readonly string[], pass: (text: string) => void): Reading<string | undefined> {
    const mark = markPattern(marks)
    for (;;) {
      const found = mark?.exec(this.#text)
      if (found) {
        if (found.index > 0) pass(this.take(found.index))
        return this.take(found[0].length)
      }
      const free = this.#ended ? this.#text.length : this.#text.length - heldLength(marks, this.#text)
      if (free > 0) pass(this.take(free))
      if (this.#ended) return undefined
      yield
    }
  }
}

/** Finds the earliest marker, preferring longer ones, in a single pass. */
function markPattern(marks: readonly string[]): RegExp | undefined {
  if (marks.length === 0) return undefined
  const longestFirst = marks.toSorted((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map(escapeRegex).join('|'))
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** Length of the suffix of `text` that may start a marker. */
function heldLength(marks: readonly string[], text: string): number {
  let held = 0
  for (const mark of marks)
    for (let length = Math.min(mark.length - 1, text.length); length > held; length -= 1)
      if (text.endsWith(mark.slice(0, length))) held = length
  return held
}
