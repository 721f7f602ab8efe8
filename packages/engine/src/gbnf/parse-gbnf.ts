/**
 * Reads a grammar in llama.cpp's notation (GBNF) into rules, and refuses what no grammar can mean or what would take too
 * much to run: so nothing later has to. Pure; knows nothing of vocabularies beyond a function that finds a token by its text.
 */

import type { HadalError } from '@hadal/base'
import { invalidGrammar } from '../errors.ts'
import { checkRules } from './check-rules.ts'

/** First and last code point. */
export type Range = readonly [from: number, to: number]

export type Element =
  /** One character out of these ranges, or out of all others. */
  | { readonly kind: 'character'; readonly ranges: readonly Range[]; readonly negated: boolean }
  | { readonly kind: 'rule'; readonly rule: number }
  /** One token, or any other one, whatever its text is. */
  | { readonly kind: 'token'; readonly token: number; readonly negated: boolean }

/** The alternatives, each a sequence. */
export type Rule = readonly (readonly Element[])[]

export interface GrammarRules {
  readonly rules: readonly Rule[]
  readonly root: number
}

/** More is no grammar but an attack, or a mistake. */
const limits = { bytes: 2 ** 20, elements: 100_000, depth: 500, tokenName: 1000 } as const

/** Finds a token by its text, as in `<think>`, or checks an id. */
export type TokenOf = (token: string | number) => number | undefined

/** Throws `invalid_grammar`. */
export function parseGbnf(text: string, tokenOf: TokenOf): GrammarRules {
  if (text.length > limits.bytes)
    throw invalidGrammar(`it has ${text.length} characters; at most ${limits.bytes} are read`)
  return new Parser(text, tokenOf).parse()
}

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

class Parser {
  readonly #text: string
  readonly #tokenOf: TokenOf
  readonly #ids = new Map<string, number>()
  readonly #names: string[] = []
  readonly #rules: (Rule | undefined)[] = []
  #at = 0
  #depth = 0
  #elements = 0

  constructor(text: string, tokenOf: TokenOf) {
    this.#text = text
    this.#tokenOf = tokenOf
  }

  parse(): GrammarRules {
    this.#space(true)
    while (this.#at < this.#text.length) this.#rule()
    const root = this.#ids.get('root')
    if (root === undefined || this.#rules[root] === undefined)
      throw invalidGrammar('it has no rule named root')
    const missing = this.#names.find((_, id) => this.#rules[id] === undefined)
    if (missing !== undefined) throw invalidGrammar(`the rule ${missing} is used and not defined`)
    const grammar = { rules: this.#rules as Rule[], root }
    checkRules(grammar, (rule) => this.#names[rule]!)
    return grammar
  }

  #rule(): void {
    const name = this.#name()
    const id = this.#idOf(name)
    this.#space(false)
    if (!this.#take('::=')) this.#fail('expected ::=')
    this.#space(true)
    this.#rules[id] = this.#alternatives(name, false)
    if (this.#at < this.#text.length && !this.#take('\r\n') && !this.#take('\n') && !this.#take('\r'))
      this.#fail('expected the end of the rule')
    this.#space(true)
  }

  #alternatives(name: string, nested: boolean): Rule {
    const alternatives = [this.#sequence(name, nested)]
    while (this.#take('|')) {
      this.#space(true)
      alternatives.push(this.#sequence(name, nested))
    }
    return alternatives
  }

  #sequence(name: string, nested: boolean): Element[] {
    const sequence: Element[] = []
    /** What the next `*`, `+`, `?` or `{}` repeats. */
    let last: readonly Element[] | undefined
    const add = (elements: readonly Element[]): void => {
      for (const element of elements) this.#push(sequence, element)
      last = elements
    }
    const repeat = (least: number, most: number): void => {
      if (last === undefined) throw this.#fault('nothing to repeat')
      // However often; it would not even be counted.
      if (last.length === 0) return
      sequence.length -= last.length
      for (let count = 0; count < least; count += 1) for (const each of last) this.#push(sequence, each)
      const more = this.#upTo(last, most - least, name)
      if (more !== undefined) this.#push(sequence, more)
      // What comes of it is repeated as a whole, should another operator follow.
      const whole = sequence.splice(sequence.length - last.length * least - Number(more !== undefined))
      add(whole.length === 1 ? whole : [this.#newRule(name, [whole])])
    }
    while (true) {
      const character = this.#text[this.#at] ?? ''
      if (character === '"') add(this.#literal())
      else if (character === '[') add([this.#class()])
      else if (character === '<' || character === '!') add([this.#token()])
      else if (character === '.' && this.#take('.')) add([{ kind: 'character', ranges: [], negated: true }])
      else if (character === '(') add([this.#group(name)])
      else if (wordCharacter.test(character)) add([{ kind: 'rule', rule: this.#idOf(this.#name()) }])
      else if (this.#take('*')) repeat(0, Number.POSITIVE_INFINITY)
      else if (this.#take('+')) repeat(1, Number.POSITIVE_INFINITY)
      else if (this.#take('?')) repeat(0, 1)
      else if (this.#take('{')) repeat(...this.#bounds(nested))
      else return sequence
      this.#space(nested)
    }
  }

  /** Up to `count` of `elements`, as an element: `more ::= elements more |`, or a rule for each time. */
  #upTo(elements: readonly Element[], count: number, name: string): Element | undefined {
    if (count === Number.POSITIVE_INFINITY) {
      const more = this.#newRule(name, [])
      this.#rules[(more as { rule: number }).rule] = [[...elements, more], []]
      return more
    }
    let more: Element | undefined
    for (let left = 0; left < count; left += 1)
      more = this.#newRule(name, [more === undefined ? elements : [...elements, more], []])
    return more
  }

  #newRule(name: string, rule: Rule): Element {
    const id = this.#rules.length
    this.#names.push(name)
    this.#count(rule.reduce((sum, alternative) => sum + alternative.length, 1))
    this.#rules.push(rule)
    return { kind: 'rule', rule: id }
  }

  #group(name: string): Element {
    if (this.#depth === limits.depth) this.#fail(`nested more than ${limits.depth} deep`)
    this.#at += 1
    this.#depth += 1
    this.#space(true)
    const rule = this.#alternatives(name, true)
    this.#depth -= 1
    if (!this.#take(')')) this.#fail('expected )')
    return this.#newRule(name, rule)
  }

  #literal(): Element[] {
    const characters: Element[] = []
    this.#at += 1
    while (!this.#take('"')) {
      const code = this.#character()
      characters.push({ kind: 'character', ranges: [[code, code]], negated: false })
    }
    return characters
  }

  #class(): Element {
    this.#at += 1
    const negated = this.#take('^')
    const ranges: Range[] = []
    while (!this.#take(']')) {
      const from = this.#character()
      const isRange = this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']'
      if (isRange) this.#at += 1
      const to = isRange ? this.#character() : from
      if (to < from) this.#fail('a range ends before it begins')
      ranges.push([from, to])
    }
    if (ranges.length === 0) this.#fail('a class of no characters')
    return { kind: 'character', ranges, negated }
  }

  /** `<text>` or `<[id]>`, with `!` in front: any token but this. */
  #token(): Element {
    const negated = this.#take('!')
    const end = this.#text.indexOf('>', this.#at)
    if (this.#text[this.#at] !== '<' || end < 0) this.#fail('expected a token, as <text> or <[id]>')
    const text = this.#text.slice(this.#at, end + 1)
    // Looking it up means to tokenise it.
    if (text.length > limits.tokenName) this.#fail(`the name of a token has ${text.length} characters`)
    const id = /^<\[(\d{1,9})\]>$/.exec(text)?.[1]
    const token = this.#tokenOf(id === undefined ? text : Number(id))
    if (token === undefined) this.#fail(`${text} is no token of the model`)
    this.#at = end + 1
    return { kind: 'token', token, negated }
  }

  /** After `{`. */
  #bounds(nested: boolean): [least: number, most: number] {
    this.#space(nested)
    const least = this.#integer()
    if (least === undefined) this.#fail('expected a number')
    this.#space(nested)
    let most: number | undefined = least
    if (this.#take(',')) {
      this.#space(nested)
      most = this.#integer() ?? Number.POSITIVE_INFINITY
      this.#space(nested)
    }
    if (!this.#take('}')) this.#fail('expected }')
    if (most < least) this.#fail('the most is less than the least')
    return [least, most]
  }

  #integer(): number | undefined {
    const digits = /\d{0,9}/y
    digits.lastIndex = this.#at
    const [text] = digits.exec(this.#text)!
    this.#at += text.length
    return text === '' ? undefined : Number(text)
  }

  /** A code point. */
  #character(): number {
    const code = this.#text.codePointAt(this.#at)
    if (code === undefined) this.#fail('unexpected end')
    if (code !== 0x5c) {
      this.#at += code > 0xffff ? 2 : 1
      return code
    }
    const kind = this.#text[this.#at + 1] ?? ''
    this.#at += 2
    const length = hexLength[kind]
    if (length === undefined) {
      const escaped = escapes[kind]
      if (escaped === undefined) this.#fail(`unknown escape \\${kind}`)
      return escaped.charCodeAt(0)
    }
    const digits = this.#text.slice(this.#at, this.#at + length)
    if (digits.length < length || !/^[\da-fA-F]+$/.test(digits)) this.#fail(`expected ${length} hex digits`)
    this.#at += length
    return Number.parseInt(digits, 16)
  }

  #name(): string {
    const start = this.#at
    while (wordCharacter.test(this.#text[this.#at] ?? '')) this.#at += 1
    if (this.#at === start) this.#fail('expected the name of a rule')
    return this.#text.slice(start, this.#at)
  }

  #idOf(name: string): number {
    let id = this.#ids.get(name)
    if (id === undefined) {
      id = this.#rules.length
      this.#ids.set(name, id)
      this.#names.push(name)
      this.#rules.push(undefined)
    }
    return id
  }

  /** Blanks and comments. */
  #space(newlines: boolean): void {
    while (true) {
      const character = this.#text[this.#at]
      if (character === ' ' || character === '\t') this.#at += 1
      else if (newlines && (character === '\n' || character === '\r')) this.#at += 1
      else if (character === '#')
        while (this.#at < this.#text.length && !'\r\n'.includes(this.#text[this.#at]!)) this.#at += 1
      else return
    }
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  #push(sequence: Element[], element: Element): void {
    this.#count(1)
    sequence.push(element)
  }

  #count(elements: number): void {
    this.#elements += elements
    if (this.#elements > limits.elements)
      this.#fail(`repetitions written out make more than ${limits.elements} elements`)
  }

  #fail(why: string): never {
    throw this.#fault(why)
  }

  #fault(why: string): HadalError {
    const line = this.#text.slice(0, this.#at).split('\n').length
    return invalidGrammar(`line ${line}: ${why}`)
  }
}
