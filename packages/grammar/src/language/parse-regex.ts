/**
 * ECMAScript patterns (with the `u` flag's view of text as code points) to a syntax tree. Knows which syntax exists, not
 * what anchors and lookahead mean: that is `regex-language.ts`.
 */

import { regexInvalid, regexTooLarge, regexUnsupported } from '../errors.ts'
import {
  type CodePoints,
  codePoints,
  codePointsOf,
  everyCodePoint,
  negateCodePoints,
  unionCodePoints,
} from './code-points.ts'

export type RegexNode =
  | { readonly kind: 'set'; readonly set: CodePoints }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly items: readonly RegexNode[] }
  | {
      readonly kind: 'repeat'
      readonly item: RegexNode
      readonly min: number
      readonly max: number
      readonly position: number
    }
  | { readonly kind: 'start' | 'end'; readonly position: number }
  | {
      readonly kind: 'lookahead'
      readonly item: RegexNode
      readonly negated: boolean
      readonly position: number
    }

const digits = codePoints([0x30, 0x39])
const wordCharacters = unionCodePoints(digits, codePoints([0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]))
const lineEnds = codePointsOf('\n\r\u2028\u2029')
const space = unionCodePoints(
  codePointsOf(' \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff'),
  codePoints([0x2000, 0x200a]),
)
const classEscapes: Readonly<Record<string, CodePoints>> = {
  d: digits,
  D: negateCodePoints(digits),
  w: wordCharacters,
  W: negateCodePoints(wordCharacters),
  s: space,
  S: negateCodePoints(space),
}
const controlEscapes: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13 }

/** Groups nested deeper than this are refused before they exhaust the stack. */
const maxDepth = 100

const maxLength = 4000

export function parseRegex(pattern: string): RegexNode {
  if (pattern.length > maxLength) {
    throw regexTooLarge(`${pattern.slice(0, 40)}...`, `it is longer than ${maxLength} characters`)
  }
  return new RegexParser(pattern).parse()
}

class RegexParser {
  private readonly pattern: string
  private position = 0
  private depth = 0

  constructor(pattern: string) {
    this.pattern = pattern
  }

  parse(): RegexNode {
    const node = this.alternatives()
    if (this.position < this.pattern.length) throw this.invalid('a ) that closes nothing')
    return node
  }

  private alternatives(): RegexNode {
    const items = [this.alternative()]
    while (this.take('|')) items.push(this.alternative())
    return items.length === 1 ? items[0]! : { kind: 'choice', items }
  }

  private alternative(): RegexNode {
    const items: RegexNode[] = []
    while (this.position < this.pattern.length && !this.sees('|') && !this.sees(')')) items.push(this.term())
    return items.length === 1 ? items[0]! : { kind: 'sequence', items }
  }

  private term(): RegexNode {
    const start = this.position
    const node = this.atom()
    const bounds = this.quantifier()
    if (bounds === undefined) return node
    if (node.kind === 'start' || node.kind === 'end' || node.kind === 'lookahead') {
      throw this.invalid('a quantifier after an assertion', start)
    }
    return { kind: 'repeat', item: node, min: bounds[0], max: bounds[1], position: start }
  }

  private atom(): RegexNode {
    const position = this.position
    if (this.take('^')) return { kind: 'start', position }
    if (this.take('$')) return { kind: 'end', position }
    if (this.take('.')) return { kind: 'set', set: negateCodePoints(lineEnds) }
    if (this.take('(')) return this.group(position)
    if (this.take('[')) return { kind: 'set', set: this.characterClass(position) }
    if (this.take('\\')) return { kind: 'set', set: this.escape(position) }
    if (this.sees('*') || this.sees('+') || this.sees('?'))
      throw this.invalid('a quantifier with nothing before it')
    return { kind: 'set', set: codePointsOf(this.nextCharacter()) }
  }

  private group(position: number): RegexNode {
    if (++this.depth > maxDepth)
      throw regexUnsupported(this.pattern, position, `groups nested deeper than ${maxDepth}`)
    const named = /^\?P?<[A-Za-z_$][\w$]*>/.exec(this.pattern.slice(this.position))
    let lookahead: boolean | undefined
    if (named !== null) this.position += named[0].length
    else if (this.take('?=')) lookahead = false
    else if (this.take('?!')) lookahead = true
    else if (this.sees('?<=') || this.sees('?<!'))
      throw regexUnsupported(this.pattern, position, 'lookbehind')
    else if (this.sees('?') && !this.take('?:'))
      throw regexUnsupported(this.pattern, position, 'this kind of group')
    const item = this.alternatives()
    if (!this.take(')')) throw this.invalid('a group that is not closed', position)
    this.depth--
    return lookahead === undefined ? item : { kind: 'lookahead', item, negated: lookahead, position }
  }

  /** undefined when there is none. */
  private quantifier(): readonly [min: number, max: number] | undefined {
    const start = this.position
    let bounds: readonly [number, number] | undefined
    if (this.take('*')) bounds = [0, Number.POSITIVE_INFINITY]
    else if (this.take('+')) bounds = [1, Number.POSITIVE_INFINITY]
    else if (this.take('?')) bounds = [0, 1]
    else {
      const braces = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.pattern.slice(this.position, this.position + 50))
      if (braces === null) return undefined
      this.position += braces[0].length
      const min = Number(braces[1])
      const max =
        braces[2] === undefined ? min : braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3])
      if (max < min) throw this.invalid('bounds out of order', start)
      bounds = [min, max]
    }
    this.take('?') // Lazy or greedy, the language is the same.
    return bounds
  }

  private characterClass(opened: number): CodePoints {
    const negated = this.take('^')
    const sets: CodePoints[] = []
    while (!this.take(']')) {
      if (this.position >= this.pattern.length) throw this.invalid('a class that is not closed', opened)
      const start = this.position
      const from = this.classAtom()
      if (!this.sees('-') || this.pattern[this.position + 1] === ']') {
        sets.push(from)
        continue
      }
      this.take('-')
      if (this.position >= this.pattern.length) throw this.invalid('a class that is not closed', opened)
      const to = this.classAtom()
      const low = onlyMember(from)
      const high = onlyMember(to)
      // A hyphen beside \d and its like stands for itself.
      if (low === undefined || high === undefined) sets.push(from, codePointsOf('-'), to)
      else if (low > high) throw this.invalid('a range out of order', start)
      else sets.push(codePoints([low, high]))
    }
    const set = unionCodePoints(...sets)
    return negated ? negateCodePoints(set) : set
  }

  private classAtom(): CodePoints {
    const position = this.position
    if (!this.take('\\')) return codePointsOf(this.nextCharacter())
    if (this.take('b')) return codePoints([8, 8])
    if (this.take('-')) return codePointsOf('-')
    return this.escape(position)
  }

  /** What follows a backslash. */
  private escape(position: number): CodePoints {
    if (this.position >= this.pattern.length) throw this.invalid('a backslash at the end', position)
    const c = this.nextCharacter()
    const known = Object.hasOwn(classEscapes, c) ? classEscapes[c] : undefined
    if (known !== undefined) return known
    const control = Object.hasOwn(controlEscapes, c) ? controlEscapes[c] : undefined
    if (control !== undefined) return codePoints([control, control])
    if (c === 'b' || c === 'B') throw regexUnsupported(this.pattern, position, 'word boundaries')
    if (c === '0' && !/\d/.test(this.pattern[this.position] ?? '')) return codePoints([0, 0])
    if (/\d/.test(c) || c === 'k') throw regexUnsupported(this.pattern, position, 'back references')
    if (c === 'x') return one(this.hexDigits(2, position))
    if (c === 'u') return one(this.unicodeEscape(position))
    if (c === 'c') {
      const letter = this.nextCharacter()
      if (!/^[A-Za-z]$/.test(letter)) throw this.invalid('an unknown escape', position)
      return one(letter.codePointAt(0)! % 32)
    }
    if (c === 'p' || c === 'P') return this.property(c === 'P', position)
    if (/[A-Za-z]/.test(c)) throw this.invalid('an unknown escape', position)
    return codePointsOf(c)
  }

  private unicodeEscape(position: number): number {
    if (this.take('{')) {
      const end = this.pattern.indexOf('}', this.position)
      const written = end < 0 ? '' : this.pattern.slice(this.position, end)
      const value = /^[\da-fA-F]{1,8}$/.test(written) ? Number.parseInt(written, 16) : Number.NaN
      if (!(value <= 0x10ffff)) throw this.invalid('a code point out of range', position)
      this.position = end + 1
      return value
    }
    const high = this.hexDigits(4, position)
    if (high < 0xd800 || high > 0xdbff || !this.sees('\\u')) return high
    const low = Number.parseInt(this.pattern.slice(this.position + 2, this.position + 6), 16)
    if (!(low >= 0xdc00 && low <= 0xdfff)) return high
    this.position += 6
    return 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00)
  }

  private hexDigits(count: number, position: number): number {
    const written = this.pattern.slice(this.position, this.position + count)
    if (written.length < count || !/^[\da-fA-F]+$/.test(written)) {
      throw this.invalid(`an escape that needs ${count} hexadecimal digits`, position)
    }
    this.position += count
    return Number.parseInt(written, 16)
  }

  private property(negated: boolean, position: number): CodePoints {
    const named = /^\{[\w=]{1,60}\}/.exec(this.pattern.slice(this.position, this.position + 62))
    if (named === null) throw this.invalid('a property escape without a name', position)
    this.position += named[0].length
    const set = propertySet(named[0])
    if (set === undefined) throw this.invalid(`an unknown property ${named[0]}`, position)
    return negated ? negateCodePoints(set) : set
  }

  private nextCharacter(): string {
    const c = String.fromCodePoint(this.pattern.codePointAt(this.position) ?? 0)
    this.position += c.length
    return c
  }

  private sees(token: string): boolean {
    return this.pattern.startsWith(token, this.position)
  }

  private take(token: string): boolean {
    if (!this.sees(token)) return false
    this.position += token.length
    return true
  }

  private invalid(reason: string, position: number = this.position): Error {
    return regexInvalid(this.pattern, position, reason)
  }
}

function one(codePoint: number): CodePoints {
  return codePoints([codePoint, codePoint])
}

function onlyMember(set: CodePoints): number | undefined {
  return set.length === 1 && set[0]![0] === set[0]![1] ? set[0]![0] : undefined
}

const properties = new Map<string, CodePoints>()

/** The members of a Unicode property, as the JavaScript engine knows them; undefined when it knows no such property. */
function propertySet(name: string): CodePoints | undefined {
  const seen = properties.get(name)
  if (seen !== undefined) return seen
  let members: RegExp
  try {
    members = new RegExp(`\\p${name}`, 'u')
  } catch {
    return undefined
  }
  const ranges: [number, number][] = []
  for (const [from, to] of everyCodePoint) {
    for (let c = from; c <= to; c++) {
      if (!members.test(String.fromCodePoint(c))) continue
      const last = ranges.at(-1)
      if (last?.[1] === c - 1) last[1] = c
      else ranges.push([c, c])
    }
  }
  const set = codePoints(...ranges)
  properties.set(name, set)
  return set
}
