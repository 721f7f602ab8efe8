/**
 * Tokenises a template's source with `trim_blocks` and `lstrip_blocks`: the first newline after a block or comment is dropped,
 * as is white space between the start of a line and a block or comment.
 */

import { step } from '../budget.ts'
import { syntaxFailure } from '../failure.ts'

export type TokenType =
  | 'text'
  | 'blockBegin'
  | 'blockEnd'
  | 'printBegin'
  | 'printEnd'
  | 'name'
  | 'string'
  | 'integer'
  | 'float'
  | 'operator'
  | 'end'

export interface Token {
  readonly type: TokenType
  /** For strings, the unescaped value. */
  readonly text: string
  readonly line: number
}

/** White space as defined by Python's `str.isspace` and `\s`. */
const space = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000'
const onlySpace = new RegExp(`^[${space}]+$`)
const spaces = new RegExp(`[${space}]*`, 'y')
const tag = /\{[{%#]/g
const rawBegin = new RegExp(`\\{%[-+]?[${space}]*raw[${space}]*(-?)%\\}`, 'y')
const rawEnd = new RegExp(`\\{%([-+]?)[${space}]*endraw[${space}]*([-+]?)%\\}`, 'g')
const float = /(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy
const integer = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy
const name = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]*/uy
const string = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y
const operator = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }

export function trimEnd(text: string): string {
  let end = text.length
  while (end > 0 && onlySpace.test(text[end - 1]!)) end -= 1
  return text.slice(0, end)
}

/** Throws `TemplateFailure` of the kind `syntax`. */
export function lex(written: string): readonly Token[] {
  const source = written.replace(/\r\n?/g, '\n').replace(/\n$/, '')
  return new Lexer(source).run()
}

class Lexer {
  readonly #source: string
  readonly #tokens: Token[] = []
  #at = 0
  #line = 1

  constructor(source: string) {
    this.#source = source
  }

  run(): readonly Token[] {
    let atLineStart = true
    while (this.#at < this.#source.length) {
      step()
      tag.lastIndex = this.#at
      const begin = tag.exec(this.#source)?.index
      if (begin === undefined) {
        this.#push('text', this.#source.slice(this.#at))
        break
      }
      const kind = this.#source[begin + 1]
      const sign = this.#source[begin + 2]
      let text = this.#source.slice(this.#at, begin)
      const whole = text
      if (sign === '-') text = trimEnd(text)
      else if (sign !== '+' && kind !== '{') {
        const lineStart = text.lastIndexOf('\n') + 1
        if ((lineStart > 0 || atLineStart) && onlySpace.test(text.slice(lineStart)))
          text = text.slice(0, lineStart)
      }
      this.#push('text', text)
      this.#line += lines(whole)
      this.#at = begin
      if (kind === '#') this.#comment()
      else if (kind === '{') this.#inside('printEnd')
      else if (!this.#raw()) this.#inside('blockEnd')
      atLineStart = this.#source[this.#at - 1] === '\n'
    }
    this.#push('end', '')
    return this.#tokens
  }

  #push(type: TokenType, text: string): void {
    if (type !== 'text' || text !== '') this.#tokens.push({ type, text, line: this.#line })
  }

  /** Advances to `end` and counts lines. */
  #move(end: number): void {
    this.#line += lines(this.#source.slice(this.#at, end))
    this.#at = end
  }

  #skipSpaces(): void {
    spaces.lastIndex = this.#at
    this.#move(this.#at + spaces.exec(this.#source)![0].length)
  }

  /** Controls white space after a tag. `sign` is the character before its end: `-`, `+` or another. */
  #after(sign: string, trims: boolean): void {
    if (sign === '-') this.#skipSpaces()
    else if (sign !== '+' && trims && this.#source[this.#at] === '\n') this.#move(this.#at + 1)
  }

  #comment(): void {
    const opened = this.#source[this.#at + 2]
    const start = this.#at + (opened === '-' || opened === '+' ? 3 : 2)
    const end = this.#source.indexOf('#}', start)
    if (end < 0) throw syntaxFailure('Missing end of comment tag', this.#line)
    const sign = end > start ? this.#source[end - 1]! : ''
    this.#move(end + 2)
    this.#after(sign, true)
  }

  #raw(): boolean {
    rawBegin.lastIndex = this.#at
    const begin = rawBegin.exec(this.#source)
    if (begin === null) return false
    this.#move(this.#at + begin[0].length)
    if (begin[1] === '-') this.#skipSpaces()
    rawEnd.lastIndex = this.#at
    const end = rawEnd.exec(this.#source)
    if (end === null) throw syntaxFailure('Missing end of raw directive', this.#line)
    let text = this.#source.slice(this.#at, end.index)
    if (end[1] === '-') text = trimEnd(text)
    else if (end[1] === '') {
      const lineStart = text.lastIndexOf('\n') + 1
      if (lineStart > 0 && onlySpace.test(text.slice(lineStart))) text = text.slice(0, lineStart)
    }
    this.#push('text', text)
    this.#move(end.index + end[0].length)
    this.#after(end[2]!, true)
    return true
  }

  /** Tokenises a statement or an expression, between its delimiters. */
  #inside(close: 'printEnd' | 'blockEnd'): void {
    const mark = close === 'printEnd' ? '}}' : '%}'
    const opened = this.#source.slice(this.#at + 2, this.#at + 3)
    this.#push(close === 'printEnd' ? 'printBegin' : 'blockBegin', '')
    this.#at += opened === '-' || opened === '+' ? 3 : 2
    const open: string[] = []
    for (;;) {
      step()
      this.#skipSpaces()
      if (this.#at >= this.#source.length)
        throw syntaxFailure(`unexpected end of template, expected '${mark}'`, this.#line)
      if (open.length === 0 && this.#closes(mark, close)) return
      this.#token(open)
    }
  }

  #closes(mark: string, type: 'printEnd' | 'blockEnd'): boolean {
    const first = this.#source[this.#at]!
    const signed = first === '-' || (first === '+' && type === 'blockEnd')
    const start = this.#at + (signed ? 1 : 0)
    if (!this.#source.startsWith(mark, start)) return false
    this.#push(type, '')
    this.#move(start + 2)
    this.#after(signed ? first : '', type === 'blockEnd')
    return true
  }

  #token(open: string[]): void {
    const number = this.#source[this.#at - 1] === '.' ? undefined : this.#match(float)
    const whole = number ?? this.#match(integer)
    const word = whole === undefined ? this.#match(name) : undefined
    const quoted = whole === undefined && word === undefined ? this.#match(string) : undefined
    if (number !== undefined) this.#take('float', number, number.replaceAll('_', ''))
    else if (whole !== undefined) this.#take('integer', whole, whole.replaceAll('_', ''))
    else if (word !== undefined) this.#take('name', word, word)
    else if (quoted !== undefined)
      this.#take('string', quoted, unescapeString(quoted.slice(1, -1), this.#line))
    else this.#operator(open)
  }

  #operator(open: string[]): void {
    const sign = this.#match(operator)
    if (sign === undefined)
      throw syntaxFailure(`unexpected char ${JSON.stringify(this.#source[this.#at])}`, this.#line)
    const expected = closing[sign]
    if (expected !== undefined) open.push(expected)
    else if (sign === ')' || sign === ']' || sign === '}') {
      const wanted = open.pop()
      if (wanted === undefined) throw syntaxFailure(`unexpected '${sign}'`, this.#line)
      if (wanted !== sign) throw syntaxFailure(`unexpected '${sign}', expected '${wanted}'`, this.#line)
    }
    this.#take('operator', sign, sign)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    return pattern.exec(this.#source)?.[0]
  }

  #take(type: TokenType, written: string, text: string): void {
    this.#push(type, text)
    this.#move(this.#at + written.length)
  }
}

function lines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

const simple: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
}

/** As in Python's string literals; unknown escapes are left unchanged. */
function unescapeString(text: string, line: number): string {
  return text.replace(
    /\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{1,3})|([\s\S]))/gi,
    (whole, hex?: string, short?: string, long?: string, octal?: string, char?: string) => {
      if (char !== undefined) {
        if ('xuUN'.includes(char)) throw syntaxFailure(`invalid escape \\${char} in a string`, line)
        return simple[char] ?? whole
      }
      // The pattern ignores case for the sake of hex digits, but Python has no \X.
      if (whole[1] === 'X') return whole
      const code =
        octal === undefined ? Number.parseInt(hex ?? short ?? long!, 16) : Number.parseInt(octal, 8)
      if (code > 0x10ffff) throw syntaxFailure(`invalid escape ${whole} in a string`, line)
      return String.fromCodePoint(code)
    },
  )
}
