/** Tracks redacted spans of a growing text and how far they are final. A replacement is written in the piece in which its span starts. */

import type { Span } from '../check.ts'

/** A span and its replacement. */
export interface FoundSpan {
  readonly rule: string
  readonly span: Span
  readonly replacement: string
}

/** Implemented by `StreamRedactor`. */
export interface Redactor {
  push(text: string): string
  end(): string
  /** Spans found so far, ordered and disjoint; each appears before its replacement is returned. The last one may still grow. */
  readonly found: readonly FoundSpan[]
}

interface Redaction extends Span {
  readonly replacement: string
}

export class Redactions {
  readonly #redactor: Redactor | undefined
  readonly #onFound: (finding: FoundSpan) => void
  /** Ordered and disjoint. */
  #all: Redaction[] = []
  #length = 0
  /** Offset in the redactor's output. */
  #written = 0
  #isEnded = false
  /** Number of findings before the last one, and the end offset of those. */
  #taken = 0
  #before = { raw: 0, written: 0 }
  /** The same, including the last one. */
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

  /** All redactions before this offset are known. */
  get settledTo(): number {
    if (this.#redactor === undefined || this.#isEnded) return this.#length
    return this.#settled.raw + (this.#written - this.#settled.written)
  }

  /** Text already sent is unchanged. */
  add({ start, end }: Span, replacement: string, sentTo: number): void {
    const from = Math.max(start, sentTo)
    if (end <= from) return
    // Nearly always appended at the end.
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

  /** Redacts the piece of text at `start`; call in order. Undefined if nothing changes. */
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

  /** Re-reads the last finding, which may have grown. */
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
