/** Arguments that a model writes as tags, one for each, to JSON text that grows as they come. */

import type { Incoming, Reading } from './incoming.ts'
import { parsed } from './json-reader.ts'

export class TaggedArguments {
  readonly #pass: (json: string) => void
  #count = 0

  constructor(pass: (json: string) => void) {
    this.#pass = pass
  }

  /**
   * Reads a value up to one of `ends`. A string is passed on as it comes; anything else when it is whole, as it stands where
   * it is JSON, else as a string. False when none of them came.
   */
  *read(incoming: Incoming, key: string, isText: boolean, ends: readonly string[]): Reading<boolean> {
    this.#pass(`${this.#count === 0 ? '{' : ', '}${JSON.stringify(key)}: ${isText ? '"' : ''}`)
    this.#count += 1
    if (isText) {
      const end = yield* incoming.until(ends, (text) => this.#pass(JSON.stringify(text).slice(1, -1)))
      if (end !== undefined) this.#pass('"')
      return end !== undefined
    }
    let value = ''
    const end = yield* incoming.until(ends, (text) => {
      value += text
    })
    const trimmed = value.trim()
    this.#pass(parsed(trimmed) === undefined ? JSON.stringify(value) : trimmed)
    return end !== undefined
  }

  end(): void {
    this.#pass(this.#count === 0 ? '{}' : '}')
  }
}
