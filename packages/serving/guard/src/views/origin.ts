/** Maps units of a text to another: an ordered list of runs without gaps. */

import type { Span } from '../check.ts'

/** Unit by unit, unchanged. */
const same = 0
/** Unit by unit, replaced. */
const swapped = 1
/** Unit by unit, reversed. */
const mirrored = 2
/** The run as a whole maps to its source as a whole. */
const whole = 3

/** Fields per run: start in the text, start and end in the source, kind. */
const stride = 4

export class Origin {
  readonly #runs: readonly number[]
  /** Length of the text. */
  readonly #length: number
  #turned: boolean | undefined

  constructor(runs: readonly number[], length: number) {
    this.#runs = runs
    this.#length = length
  }

  /** For an unchanged text. */
  static ofUnchanged(length: number): Origin {
    return new Origin([0, 0, length, same], length)
  }

  /** The smallest source span that covers a span of the text. Spans are clipped to the text. */
  spanOf({ start, end }: Span): Span {
    const from = clamped(start, this.#length)
    const to = Math.max(from, clamped(end, this.#length))
    if (this.#runs.length === 0) return { start: 0, end: 0 }
    const first = this.#runAt(from)
    const last = to > from ? this.#runAt(to - 1) : first
    let span = this.#part(first, from, Math.min(to, this.#endOf(first)))
    if (last === first) return span
    // Reversed text may be split into runs: later in the text, earlier in the source.
    for (let run = this.#isTurned() ? first + stride : last; run <= last; run += stride) {
      const part = this.#part(run, this.#runs[run]!, Math.min(to, this.#endOf(run)))
      span = { start: Math.min(span.start, part.start), end: Math.max(span.end, part.end) }
    }
    return span
  }

  /** Composes with the origin of the source. */
  within(inner: Origin): Origin {
    const composed: number[] = []
    let firstInner = 0
    for (let run = 0; run < this.#runs.length; run += stride) {
      const start = this.#runs[run]!
      const from = this.#runs[run + 1]!
      const to = this.#runs[run + 2]!
      const kind = this.#runs[run + 3]!
      if (kind === whole || to === from) {
        const span = inner.spanOf({ start: from, end: to })
        composed.push(start, span.start, span.end, whole)
        continue
      }
      // Mostly in source order.
      while (
        inner.#runs[firstInner]! <= from &&
        inner.#endOf(firstInner) <= from &&
        firstInner + stride < inner.#runs.length
      )
        firstInner += stride
      if (inner.#runs[firstInner]! > from) firstInner = inner.#runAt(from)
      if (kind === mirrored) {
        const span = inner.spanOf({ start: from, end: to })
        const isOne = inner.#endOf(firstInner) >= to && inner.#runs[firstInner + 3]! <= swapped
        composed.push(start, span.start, span.end, isOne ? mirrored : whole)
        continue
      }
      for (let at = firstInner; at < inner.#runs.length && inner.#runs[at]! < to; at += stride) {
        const [a, b] = [Math.max(from, inner.#runs[at]!), Math.min(to, inner.#endOf(at))]
        if (a === b) continue
        const span = inner.#part(at, a, b)
        composed.push(start + a - from, span.start, span.end, Math.max(kind, inner.#runs[at + 3]!))
      }
    }
    return new Origin(composed, this.#length)
  }

  /** Changed spans of the text in order; an empty span marks a deletion. */
  *changes(): Generator<Span> {
    let before = 0
    for (let run = 0; run < this.#runs.length; run += stride) {
      const start = this.#runs[run]!
      if (this.#runs[run + 3] !== same) yield { start, end: this.#endOf(run) }
      else if (this.#runs[run + 1] !== before) yield { start, end: start }
      before = this.#runs[run + 2]!
    }
  }

  /** List index of the run that contains a unit; the last run for the end of the text. */
  #runAt(unit: number): number {
    let low = 0
    let high = this.#runs.length / stride - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#runs[middle * stride]! <= unit) low = middle
      else high = middle - 1
    }
    return low * stride
  }

  #isTurned(): boolean {
    if (this.#turned === undefined) {
      this.#turned = false
      let [from, to] = [0, 0]
      for (let run = 0; run < this.#runs.length && !this.#turned; run += stride) {
        // Reversing twice cancels the mirroring but not the position.
        this.#turned =
          this.#runs[run + 3] === mirrored || this.#runs[run + 1]! < from || this.#runs[run + 2]! < to
        from = this.#runs[run + 1]!
        to = this.#runs[run + 2]!
      }
    }
    return this.#turned
  }

  #endOf(run: number): number {
    return run + stride < this.#runs.length ? this.#runs[run + stride]! : this.#length
  }

  /** Source of units a to b, which must lie in one run. */
  #part(run: number, a: number, b: number): Span {
    const from = this.#runs[run + 1]!
    const to = this.#runs[run + 2]!
    const kind = this.#runs[run + 3]!
    if (kind === whole) return { start: from, end: to }
    const start = this.#runs[run]!
    if (kind === mirrored) return { start: to - (b - start), end: to - (a - start) }
    return { start: from + a - start, end: from + b - start }
  }
}

const clamped = (place: number, length: number): number =>
  Math.min(Math.max(Math.trunc(place) || 0, 0), length)

/** Builds a text from another in order and records the origin of each piece. Everything not mentioned is copied by `finish`. */
export class Weave {
  readonly source: string
  #text = ''
  #at = 0
  readonly #runs: number[] = []
  #isChanged = false

  constructor(source: string) {
    this.source = source
  }

  get isChanged(): boolean {
    return this.#isChanged
  }

  /** Position reached in the source. */
  get reached(): number {
    return this.#at
  }

  /** Copies the source up to a position. */
  keep(to: number): void {
    if (to <= this.#at) return
    const last = this.#runs.length - stride
    const goesOn = last >= 0 && this.#runs[last + 3] === same && this.#runs[last + 2] === this.#at
    if (goesOn) this.#runs[last + 2] = to
    else this.#runs.push(this.#text.length, this.#at, to, same)
    this.#text += this.source.slice(this.#at, to)
    this.#at = to
  }

  /** Copies up to `from`, then replaces the source up to `to`; unit by unit for equal lengths. */
  swap(from: number, to: number, said: string): void {
    if (said.length === to - from) this.#put(from, to, said, swapped)
    else this.replace(from, to, said)
  }

  /** Copies up to `from`, then replaces the source up to `to` as a whole. */
  replace(from: number, to: number, said: string): void {
    if (said === '') this.drop(from, to)
    else this.#put(from, to, said, whole)
  }

  drop(from: number, to: number): void {
    this.keep(from)
    this.#at = to
    this.#isChanged = true
  }

  mirror(from: number, to: number): void {
    this.#put(from, to, backwards(this.source.slice(from, to)), mirrored)
  }

  /** The text and its origin. */
  finish(): Woven {
    this.keep(this.source.length)
    return { text: this.#text, origin: new Origin(this.#runs, this.#text.length) }
  }

  #put(from: number, to: number, said: string, kind: number): void {
    this.keep(from)
    const last = this.#runs.length - stride
    const goesOn =
      kind === swapped && last >= 0 && this.#runs[last + 3] === swapped && this.#runs[last + 2] === from
    if (goesOn) this.#runs[last + 2] = to
    else this.#runs.push(this.#text.length, from, to, kind)
    this.#text += said
    this.#at = to
    this.#isChanged = true
  }
}

/** Shorter texts are reversed faster without a buffer. */
const worthABuffer = 64

/** Reverses a text; surrogate pairs stay intact. */
export function backwards(text: string): string {
  if (text.length < worthABuffer) return [...text].reverse().join('')
  const units = new Uint16Array(text.length)
  const last = text.length - 1
  for (let at = 0; at <= last; at += 1) {
    const unit = text.charCodeAt(at)
    const next = at < last ? text.charCodeAt(at + 1) : 0
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      units[last - at] = next
      units[last - at - 1] = unit
      at += 1
    } else units[last - at] = unit
  }
  return Buffer.from(units.buffer).toString('utf16le')
}

/** A text and its origin in the source text. */
export interface Woven {
  readonly text: string
  readonly origin: Origin
}

/** Decodes a text; undefined if nothing changes or the result is unreadable. */
export type Reader = (text: string) => Woven | undefined
