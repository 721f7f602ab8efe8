/**
 * Which spans of a growing text are replaced, and up to where that is settled. Pieces of the text are written with their part
 * of it: the replacement stands in the piece where its span begins. Knows nothing of why something is replaced.
 */

import type { Span } from '../check.ts'

/** What is replaced by what. */
export interface FoundSpan {
  readonly rule: string
  readonly span: Span
  readonly replacement: string
}

/** `StreamRedactor` is one. */
export interface Redactor {
  push(text: string): string
  end(): string
  /**
   * Of all that was pushed, in order, none over another: each is there before its replacement is returned. The last one may grow
   * until more is returned.
   */
  readonly found: readonly FoundSpan[]
}

interface Redaction extends Span {
  readonly replacement: string
}

export class Redactions {
  readonly #redactor: Redactor | undefined
  readonly #onFound: (finding: FoundSpan) => void
  /** In order, none over another. */
  #all: Redaction[] = []
  #length = 0
  /** Of what the redactor returned. */
  #written = 0
  #isEnded = false
  /** Findings before the last one, and up to where they and the text between them go. */
  #taken = 0
  #before = { raw: 0, written: 0 }
  /** The same, the last one included. */
  #settled = { raw: 0, written: 0 }

  constructor(redactor: Redactor | undefined, onFound: (finding: FoundSpan) => void) {
    this.#redactor = redactor
    this.#onFound = onFound
  }

  push(text: string): void {
    this.#length += text.length
    if (this.#redactor !== undefined) this.#wrote(this.#redactor.push(text))
  }

  end(): void {
    this.#isEnded = true
    if (this.#redactor !== undefined) this.#wrote(this.#redactor.end())
  }

  /** Nothing before it will be replaced that is not already known to be. */
  get settledTo(): number {
    if (this.#redactor === undefined || this.#isEnded) return this.#length
    return this.#settled.raw + (this.#written - this.#settled.written)
  }

  /** What was sent already stays as it is. */
  add({ start, end }: Span, replacement: string, sentTo: number): void {
    const from = Math.max(start, sentTo)
    if (end <= from) return
    // Nearly always it comes after all others.
    if (from >= (this.#all.at(-1)?.end ?? 0)) {
      this.#all.push({ start: from, end, replacement })
      return
    }
    const over = this.#all.filter((each) => each.start < end && each.end > from)
    const merged = {
      start: Math.min(from, ...over.map((each) => each.start)),
      end: Math.max(end, ...over.map((each) => each.end)),
      replacement: over[0]?.replacement ?? replacement,
    }
    this.#all = [...this.#all.filter((each) => !over.includes(each)), merged].sort(
      (a, b) => a.start - b.start,
    )
  }

  /** The piece of the text that begins at `start`, one after another; undefined where nothing in it is replaced. */
  apply(text: string, start: number): string | undefined {
    const end = start + text.length
    while ((this.#all[0]?.end ?? start + 1) <= start) this.#all.shift()
    let written = ''
    let at = start
    let isRewritten = false
    for (const redaction of this.#all) {
      if (redaction.start >= end) break
      isRewritten = true
      if (redaction.start >= start)
        written += text.slice(at - start, redaction.start - start) + redaction.replacement
      at = Math.min(end, redaction.end)
    }
    return isRewritten ? written + text.slice(at - start) : undefined
  }

  /** The last finding is looked at again: it may have grown. */
  #wrote(text: string): void {
    this.#written += text.length
    const { found } = this.#redactor!
    for (let at = this.#taken; at < found.length; at += 1) {
      const { span, replacement } = found[at]!
      if (at > this.#taken) this.#before = this.#settled
      this.#taken = at
      this.#onFound(found[at]!)
      this.#settled = {
        raw: span.end,
        written: this.#before.written + (span.start - this.#before.raw) + replacement.length,
      }
      this.add(span, replacement, 0)
    }
  }
}
