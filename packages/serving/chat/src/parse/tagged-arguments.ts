/** Converts tagged arguments to incremental JSON text. */

import type { ArgumentKind } from './argument-kind.ts'
import type { Incoming, Reading } from './incoming.ts'
import { parsed } from './json-reader.ts'

export class TaggedArguments {
  readonly #pass: (json: string) => void
  #count = 0

  constructor(pass: (json: string) => void) {
    this.#pass = pass
  }

  /** Reads a value up to one of `ends`. Text is streamed, other kinds are emitted when complete. False if none of the ends follows. */
  *read(incoming: Incoming, key: string, kind: ArgumentKind, ends: readonly string[]): Reading<boolean> {
    const isText = kind === 'text'
    this.#pass(`${this.#count === 0 ? '{' : ', '}${JSON.stringify(key)}: ${isText ? '"' : ''}`)
    this.#count += 1
    if (isText) {
      const end = yield* incoming.until(ends, (text) => this.#pass(JSON.stringify(text).slice(1, -1)))
      if (end !== undefined) this.#pass('"')
      return end !== undefined
    }
    let text = ''
    const end = yield* incoming.until(ends, (more) => {
      text += more
    })
    this.#pass(asJson(text, kind))
    return end !== undefined
  }

  end(): void {
    this.#pass(this.#count === 0 ? '{}' : '}')
  }
}

/** Python literals, which models learn from templates that print arguments as Python does. */
const pythonWords: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
])

function asJson(text: string, kind: ArgumentKind): string {
  const word = pythonWords.get(text.trim())
  if (kind === 'json' && word !== undefined) return word
  const value = parsed(text)
  const isGood = kind === 'string' ? typeof value === 'string' : value !== undefined
  return isGood ? text.trim() : JSON.stringify(text)
}
