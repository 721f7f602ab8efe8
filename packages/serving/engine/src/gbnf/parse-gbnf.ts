/**
 * Parses a grammar in llama.cpp's notation (GBNF) into rules, and rejects what is invalid or too expensive to run, so that
 * later code need not check. Pure; needs only a function that finds a token by its text.
 */

import { invalidGrammar } from '../errors.ts'
import { checkRules } from './check-rules.ts'
import { GbnfScanner } from './gbnf-scanner.ts'
import type { Element, GrammarRules, Range, Rule } from './grammar-rules.ts'

/** Larger grammars are an attack or a mistake. */
const limits = { bytes: 2 ** 20, elements: 100_000, depth: 500, tokenName: 1000 } as const

/** Finds a token by its text, as in `<think>`, or checks an id. */
export type TokenOf = (token: string | number) => number | undefined

/** Throws `invalid_grammar`. */
export function parseGbnf(text: string, tokenOf: TokenOf): GrammarRules {
  if (text.length > limits.bytes)
    throw invalidGrammar(`it has ${text.length} characters; at most ${limits.bytes} are read`)
  return new Parser(text, tokenOf).parse()
}

class Parser {
  readonly #in: GbnfScanner
  readonly #tokenOf: TokenOf
  readonly #ids = new Map<string, number>()
  readonly #names: string[] = []
  readonly #rules: (Rule | undefined)[] = []
  #depth = 0
  #elements = 0

  constructor(text: string, tokenOf: TokenOf) {
    this.#in = new GbnfScanner(text)
    this.#tokenOf = tokenOf
  }

  parse(): GrammarRules {
    this.#in.space(true)
    while (!this.#in.isAtEnd) this.#rule()
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
    const name = this.#in.name()
    const id = this.#idOf(name)
    this.#in.space(false)
    if (!this.#in.take('::=')) this.#in.fail('expected ::=')
    this.#in.space(true)
    this.#rules[id] = this.#alternatives(name, false)
    if (!this.#in.isAtEnd && !this.#in.takeLineEnd()) this.#in.fail('expected the end of the rule')
    this.#in.space(true)
  }

  #alternatives(name: string, nested: boolean): Rule {
    const alternatives = [this.#sequence(name, nested)]
    while (this.#in.take('|')) {
      this.#in.space(true)
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
      if (last === undefined) throw this.#in.issue('nothing to repeat')
      // Repeating nothing is ignored, whatever the count.
      if (last.length === 0) return
      sequence.length -= last.length
      for (let count = 0; count < least; count += 1) for (const each of last) this.#push(sequence, each)
      const more = this.#upTo(last, most - least, name)
      if (more !== undefined) this.#push(sequence, more)
      // The result is repeated as a whole if another operator follows.
      const whole = sequence.splice(sequence.length - last.length * least - Number(more !== undefined))
      add(whole.length === 1 ? whole : [this.#newRule(name, [whole])])
    }
    while (true) {
      if (this.#in.take('"')) add(this.#literal())
      else if (this.#in.take('[')) add([this.#class()])
      else if (this.#in.take('!')) add([this.#token(true)])
      else if (this.#in.peek() === '<') add([this.#token(false)])
      else if (this.#in.take('.')) add([{ kind: 'character', ranges: [], negated: true }])
      else if (this.#in.take('(')) add([this.#group(name)])
      else if (this.#in.isAtName) add([{ kind: 'rule', rule: this.#idOf(this.#in.name()) }])
      else if (this.#in.take('*')) repeat(0, Number.POSITIVE_INFINITY)
      else if (this.#in.take('+')) repeat(1, Number.POSITIVE_INFINITY)
      else if (this.#in.take('?')) repeat(0, 1)
      else if (this.#in.take('{')) repeat(...this.#bounds(nested))
      else return sequence
      this.#in.space(nested)
    }
  }

  /** Up to `count` repetitions of `elements` as one element: `more ::= elements more |`, or a rule per repetition. */
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

  /** After `(`. */
  #group(name: string): Element {
    if (this.#depth === limits.depth) this.#in.fail(`nested more than ${limits.depth} deep`)
    this.#depth += 1
    this.#in.space(true)
    const rule = this.#alternatives(name, true)
    this.#depth -= 1
    if (!this.#in.take(')')) this.#in.fail('expected )')
    return this.#newRule(name, rule)
  }

  /** After `"`. */
  #literal(): Element[] {
    const characters: Element[] = []
    while (!this.#in.take('"')) {
      const code = this.#in.character()
      characters.push({ kind: 'character', ranges: [[code, code]], negated: false })
    }
    return characters
  }

  /** After `[`. */
  #class(): Element {
    const negated = this.#in.take('^')
    const ranges: Range[] = []
    while (!this.#in.take(']')) {
      const from = this.#in.character()
      const isRange = this.#in.peek() === '-' && this.#in.peek(1) !== ']' && this.#in.take('-')
      const to = isRange ? this.#in.character() : from
      if (to < from) this.#in.fail('a range ends before it begins')
      ranges.push([from, to])
    }
    if (ranges.length === 0) this.#in.fail('a class of no characters')
    return { kind: 'character', ranges, negated }
  }

  /** `<text>` or `<[id]>`; `negated`: any token but this. */
  #token(negated: boolean): Element {
    const text = this.#in.peek() === '<' ? this.#in.through('>') : undefined
    if (text === undefined) this.#in.fail('expected a token, as <text> or <[id]>')
    // The look-up has to tokenise it.
    if (text.length > limits.tokenName) this.#in.fail(`the name of a token has ${text.length} characters`)
    const id = /^<\[(\d{1,9})\]>$/.exec(text)?.[1]
    const token = this.#tokenOf(id === undefined ? text : Number(id))
    if (token === undefined) this.#in.fail(`${text} is no token of the model`)
    return { kind: 'token', token, negated }
  }

  /** After `{`. */
  #bounds(nested: boolean): [least: number, most: number] {
    this.#in.space(nested)
    const least = this.#in.integer()
    if (least === undefined) this.#in.fail('expected a number')
    this.#in.space(nested)
    let most: number | undefined = least
    if (this.#in.take(',')) {
      this.#in.space(nested)
      most = this.#in.integer() ?? Number.POSITIVE_INFINITY
      this.#in.space(nested)
    }
    if (!this.#in.take('}')) this.#in.fail('expected }')
    if (most < least) this.#in.fail('the most is less than the least')
    return [least, most]
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

  #push(sequence: Element[], element: Element): void {
    this.#count(1)
    sequence.push(element)
  }

  #count(elements: number): void {
    this.#elements += elements
    if (this.#elements > limits.elements)
      this.#in.fail(`repetitions written out make more than ${limits.elements} elements`)
  }
}
