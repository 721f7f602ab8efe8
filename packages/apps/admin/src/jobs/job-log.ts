/** The last lines of a text stream without terminal escapes, bounded in number and length. Pure. */

import { stripVTControlCharacters } from 'node:util'
import { redactText } from '@hadal/config'

const maxLines = 2000
const longestLine = 2000

/** The last `most` items added. */
export class Latest<T> {
  readonly #items: T[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(item: T): void {
    this.#items.push(item)
    // Not one by one: each would move all of them.
    if (this.#items.length >= 2 * this.#most) this.#items.splice(0, this.#items.length - this.#most)
  }

  all(): readonly T[] {
    return this.#items.slice(-this.#most)
  }
}

export const latestLines = (): Latest<string> => new Latest(maxLines)

/** Splits incoming text into lines; truncates lines that do not end. */
export class LineCutter {
  readonly #onLine: (line: string) => void
  readonly #longest: number
  #rest = ''

  constructor(onLine: (line: string) => void, longest: number = longestLine) {
    this.#onLine = onLine
    this.#longest = longest
  }

  add(text: string): void {
    const parts = text.split('\n')
    for (const [index, part] of parts.entries()) {
      if (this.#rest.length < this.#longest) this.#rest += part.slice(0, this.#longest - this.#rest.length)
      if (index === parts.length - 1) return
      this.#onLine(this.#rest.replace(/\r$/, ''))
      this.#rest = ''
    }
  }

  end(): void {
    if (this.#rest !== '') this.#onLine(this.#rest)
    this.#rest = ''
  }
}

/** For display: without terminal escapes, and without passwords in URLs. */
export const plainLine = (line: string): string =>
  redactText(stripVTControlCharacters(line).replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, ''))

/** The last `error[code]: message` and `help: ...` that `hadal` printed. */
export function errorIn(
  lines: readonly string[],
): { readonly code: string; readonly message: string; readonly help?: string } | undefined {
  const at = lines.findLastIndex((line) => /^error\[\w+\]: /.test(line))
  if (at === -1) return undefined
  const [, code = '', first = ''] = /^error\[(\w+)\]: (.*)$/.exec(lines[at]!) ?? []
  const rest = lines.slice(at + 1)
  const helpAt = rest.findIndex((line) => line.startsWith('help: '))
  // The stack trace stays in the log.
  const further = rest.slice(0, Math.max(0, helpAt)).filter((line) => !/^\s+at /.test(line))
  const message = [first, ...further].join('\n')
  return { code, message, ...(helpAt !== -1 && { help: rest[helpAt]!.slice('help: '.length) }) }
}
