/** Input of the checks for one text, computed lazily: a text over the length limit is never decoded. */

import type { Language, Role, Screened, View } from '../check.ts'
import { languageOf } from '../language-of.ts'

export interface ScreenOptions {
  readonly text: string
  readonly role: Role
  readonly key: string | undefined
  /** Maximum UTF-16 units from which views are made. */
  readonly maxCharacters: number
  readonly viewsOf: (text: string) => readonly View[]
  /** Milliseconds. */
  readonly now: () => number
}

export class ScreenedText {
  readonly screened: Screened
  /** Time to compute the views; undefined if not needed. */
  viewMillis: number | undefined
  #ended: AbortController | undefined

  constructor({ text, role, key, maxCharacters, viewsOf, now }: ScreenOptions) {
    let views: readonly View[] | undefined
    let language: Language | undefined
    const view = (): readonly View[] => {
      const start = now()
      const made = viewsOf(prefix(text, maxCharacters))
      this.viewMillis = now() - start
      return made
    }
    const signal = (): AbortSignal => {
      this.#ended ??= new AbortController()
      return this.#ended.signal
    }
    this.screened = {
      text,
      role,
      key,
      get views() {
        views ??= view()
        return views
      },
      get language() {
        language ??= languageOf(text)
        return language
      },
      get signal() {
        return signal()
      },
    }
  }

  /** Aborts pending checks. */
  abort(reason: unknown): void {
    this.#ended?.abort(reason)
    this.#ended = undefined
  }
}

/** Never splits a surrogate pair. */
function prefix(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length)
}
