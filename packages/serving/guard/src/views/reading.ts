/** A view under construction: a text, its transforms, and its origin in the original text. */

import type { Span, Transform, View } from '../check.ts'
import { Origin, Weave, type Woven } from './origin.ts'

/** Shorter texts are kept whole, because the surroundings of a decoded piece matter. */
const shownWhole = 2048
/** Context kept around changes in longer texts. */
const context = 256

export class Reading implements View {
  readonly text: string
  readonly path: readonly Transform[]
  readonly #origin: Origin

  private constructor(text: string, path: readonly Transform[], origin: Origin) {
    this.text = text
    this.path = path
    this.#origin = origin
  }

  static of(text: string): Reading {
    return new Reading(text, [], Origin.ofUnchanged(text.length))
  }

  get name(): string {
    return this.path.length === 0 ? 'original' : this.path.join('>')
  }

  toOriginal(span: Span): Span {
    return this.#origin.spanOf(span)
  }

  /** Applies another transform. */
  read(transforms: readonly Transform[], { text, origin }: Woven): Reading {
    const inOriginal = this.path.length === 0 ? origin : origin.within(this.#origin)
    return new Reading(text, [...this.path, ...transforms], inOriginal)
  }

  /** Keeps only changes and their context; the rest can be read in the original. */
  excerpt(): Reading {
    if (this.text.length <= shownWhole) return this
    const weave = new Weave(this.text)
    let end = 0
    for (const change of this.#origin.changes()) {
      const from = change.start - context
      if (from > end) {
        if (end === 0) weave.drop(0, from)
        else weave.replace(end, from, '\n')
      }
      end = Math.max(end, Math.min(change.end + context, this.text.length))
      weave.keep(end)
    }
    if (end < this.text.length) weave.drop(end, this.text.length)
    return this.#part(weave)
  }

  /** Truncates. */
  cut(length: number): Reading {
    if (this.text.length <= length) return this
    const weave = new Weave(this.text)
    weave.drop(length, this.text.length)
    return this.#part(weave)
  }

  #part(weave: Weave): Reading {
    const { text, origin } = weave.finish()
    return new Reading(text, this.path, origin.within(this.#origin))
  }
}
