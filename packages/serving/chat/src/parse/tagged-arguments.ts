/** Arguments that a model writes as tags, one for each, to JSON text that grows as they come. */

import type { ArgumentKind } from './argument-kind.ts'
import type { Incoming, Reading } from './incoming.ts'
import { parsed } from './json-reader.ts'

export class TaggedArguments {
  readonly #pass: (json: string) => void
  #count = 0

  constructor(pass: (json: string) => void) {
    this.#pass = pass
  }

  /** Reads a value up to one of `ends`. Text is passed on as it comes, anything else when it is whole. False when none of them came. */
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

/** Templates that write arguments as Python does teach it to their models. */
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
