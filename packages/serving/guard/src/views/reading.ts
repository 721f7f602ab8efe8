/** A view while it is made: a text, how it was read, and its origin in the original. Knows no transform. */

import type { Span, Transform, View } from '../check.ts'
import { Origin, Weave, type Woven } from './origin.ts'

/** Texts up to this length are shown whole, for what stands around a decoded piece belongs to it. */
const shownWhole = 2048
/** Of longer ones, so much before and after what was changed. */
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

  /** This text, read in another way. */
  read(transforms: readonly Transform[], { text, origin }: Woven): Reading {
    const inOriginal = this.path.length === 0 ? origin : origin.within(this.#origin)
    return new Reading(text, [...this.path, ...transforms], inOriginal)
  }

  /** What differs from the original, and what stands around it: what is far from that can be read in the original. */
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

  /** The beginning of it. */
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
