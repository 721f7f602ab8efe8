/**
 * Text as it arrives. Readers are generators that yield where they need more of it, so each reads like one that has the
 * whole text, and where the text was cut cannot matter. Knows no format.
 */

export type Reading<T> = Generator<void, T, void>

export class Incoming {
  #text = ''
  #ended = false
  /** The first half of a character whose second half is still to come. */
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

  /** What is here and not taken yet. */
  get text(): string {
    return this.#text
  }

  take(count: number): string {
    const taken = this.#text.slice(0, count)
    this.#text = this.#text.slice(count)
    if (this.#taken !== undefined) this.#taken += taken
    return taken
  }

  /** What was taken last comes again. */
  putBack(text: string): void {
    this.#text = text + this.#text
    if (this.#taken !== undefined) this.#taken = this.#taken.slice(0, -text.length)
  }

  /** From here on, what is taken is kept, until it is known to be good. */
  attempt(before: string): void {
    this.#taken = before
  }

  /** What was taken so far was good. */
  commit(): void {
    if (this.#taken !== undefined) this.#taken = ''
  }

  /** What was taken since the last commit. */
  endAttempt(): string {
    const taken = this.#taken ?? ''
    this.#taken = undefined
    return taken
  }

  /** Whether a character is there; waits for one. */
  *more(): Reading<boolean> {
    while (this.#text === '' && !this.#ended) yield
    return this.#text !== ''
  }

  /** Takes `text` when it comes next. */
  *takes(text: string): Reading<boolean> {
    while (this.#text.length < text.length && text.startsWith(this.#text) && !this.#ended) yield
    if (!this.#text.startsWith(text)) return false
    this.take(text.length)
    return true
  }

  /** Takes white space. */
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
   * Passes on text up to the first of `marks`, and takes that, too; undefined when none came. Of the text at hand it
   * holds back only what may be the beginning of a mark.
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

/** Finds the earliest mark; of several that begin there, the longest. One pass, however many marks there are. */
function markPattern(marks: readonly string[]): RegExp | undefined {
  if (marks.length === 0) return undefined
  const longestFirst = marks.toSorted((a, b) => b.length - a.length)
  return new RegExp(longestFirst.map(escapeRegex).join('|'))
}

const escapeRegex = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

/** How much of the end of `text` may be the beginning of a mark. */
function heldLength(marks: readonly string[], text: string): number {
  let held = 0
  for (const mark of marks)
    for (let length = Math.min(mark.length - 1, text.length); length > held; length -= 1)
      if (text.endsWith(mark.slice(0, length))) held = length
  return held
}
