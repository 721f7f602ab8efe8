/** A pattern and the read position. */

import { regexInvalid, regexUnsupported } from '../errors.ts'

export class PatternCursor {
  readonly pattern: string
  position = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  get isAtEnd(): boolean {
    return this.position >= this.pattern.length
  }

  nextCharacter(): string {
    const c = String.fromCodePoint(this.pattern.codePointAt(this.position) ?? 0)
    this.position += c.length
    return c
  }

  sees(token: string): boolean {
    return this.pattern.startsWith(token, this.position)
  }

  take(token: string): boolean {
    if (!this.sees(token)) return false
    this.position += token.length
    return true
  }

  invalid(reason: string, position: number = this.position): Error {
    return regexInvalid(this.pattern, position, reason)
  }

  unsupported(reason: string, position: number): Error {
    return regexUnsupported(this.pattern, position, reason)
  }
}
