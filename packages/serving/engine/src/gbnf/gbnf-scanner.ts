/** Tokenises a GBNF grammar and reports the line of a syntax error. */

import type { HadalError } from '@hadal/base'
import { invalidGrammar } from '../errors.ts'

const wordCharacter = /[A-Za-z0-9-]/
const escapes: Readonly<Record<string, string>> = {
  t: '\t',
  r: '\r',
  n: '\n',
  '\\': '\\',
  '"': '"',
  '[': '[',
  ']': ']',
  '-': '-',
}
const hexLength: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

export class GbnfScanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next character, `''` at the end; `offset` looks further ahead. */
  peek(offset = 0): string {
    return this.#text[this.#at + offset] ?? ''
  }

  /** Whether a name starts here. */
  get isAtName(): boolean {
    return wordCharacter.test(this.peek())
  }

  /** Consumes `text` if it comes next; returns whether it did. */
  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  takeLineEnd(): boolean {
    return this.take('\r\n') || this.take('\n') || this.take('\r')
  }

  /** Reads up to and including `end`, which is a single character; undefined if it never comes. */
  through(end: string): string | undefined {
    const at = this.#text.indexOf(end, this.#at)
    if (at < 0) return undefined
    const from = this.#at
    this.#at = at + 1
    return this.#text.slice(from, this.#at)
  }

  integer(): number | undefined {
    const digits = /\d{0,9}/y
    digits.lastIndex = this.#at
    const [text] = digits.exec(this.#text)!
    this.#at += text.length
    return text === '' ? undefined : Number(text)
  }

  /** Returns a code point. */
  character(): number {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) this.fail('unexpected end')
    if (code !== 0x5c) {
      this.#at += code > 0xffff ? 2 : 1
      return code
    }
    const kind = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    const length = hexLength[kind]
    if (length === undefined) {
      const escaped = escapes[kind]
      if (escaped === undefined) this.fail(`unknown escape \\${kind}`)
      return escaped.charCodeAt(0)
    }
    const digits = this.#text.slice(this.#at, this.#at + length)
    if (digits.length < length || !/^[\da-fA-F]+$/.test(digits)) this.fail(`expected ${length} hex digits`)
    this.#at += length
    return Number.parseInt(digits, 16)
  }

  name(): string {
    const start = this.#at
    while (wordCharacter.test(this.#text[this.#at] ?? '')) this.#at += 1
    if (this.#at === start) this.fail('expected the name of a rule')
    return this.#text.slice(start, this.#at)
  }

  /** Skips blanks and comments. */
  space(newlines: boolean): void {
    while (true) {
      const character = this.#text[this.#at]
      if (character === ' ' || character === '\t') this.#at += 1
      else if (newlines && (character === '\n' || character === '\r')) this.#at += 1
      else if (character === '#')
        while (this.#at < this.#text.length && !'\r\n'.includes(this.#text[this.#at]!)) this.#at += 1
      else return
    }
  }

  fail(why: string): never {
    throw this.issue(why)
  }

  issue(why: string): HadalError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return invalidGrammar(`line ${line}: ${why}`)
  }
}
