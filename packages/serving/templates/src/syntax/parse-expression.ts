/** Parses expressions, as in Jinja: https://github.com/pallets/jinja/blob/3.1.6/src/jinja2/parser.py. */

import { maxDepth, step } from '../budget.ts'
import { syntaxFailure, TemplateFailure } from '../failure.ts'
import type { Token, TokenType } from './lex.ts'
import type { CallArguments, Comparison, Expression, FilterUse, Target } from './nodes.ts'

const noArguments: CallArguments = { positional: [], named: [], spread: undefined, namedSpread: undefined }
const comparisons: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const constants: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
])
/** Operators that can start the argument of a test without parentheses. */
const beginsArgument: ReadonlySet<string> = new Set(['(', '[', '{'])

export class ExpressionParser {
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get token(): Token {
    return this.#tokens[this.#at]!
  }

  is(type: TokenType, text?: string): boolean {
    return this.token.type === type && (text === undefined || this.token.text === text)
  }

  isOperator(text: string): boolean {
    return this.is('operator', text)
  }

  next(): Token {
    step()
    const token = this.token
    if (token.type !== 'end') this.#at += 1
    return token
  }

  skip(type: TokenType, text?: string): boolean {
    const found = this.is(type, text)
    if (found) this.next()
    return found
  }

  expect(type: TokenType, text?: string): Token {
    if (!this.is(type, text)) throw this.unexpected(text ?? names[type])
    return this.next()
  }

  unexpected(expected?: string): TemplateFailure {
    const { type, text, line } = this.token
    const found = text === '' ? names[type] : `'${text}'`
    return syntaxFailure(`unexpected ${found}${expected === undefined ? '' : `, expected ${expected}`}`, line)
  }

  /** Limits the nesting of expressions and statements. */
  nested<T>(parse: () => T): T {
    this.#depth += 1
    if (this.#depth > maxDepth) throw new TemplateFailure('size', 'it nests too deeply')
    const node = parse()
    this.#depth -= 1
    return node
  }

  /** With `choices`, conditional expressions (`a if b else c`) are allowed. */
  tuple(choices = true, explicit = false, ends: (() => boolean) | undefined = undefined): Expression {
    const items: Expression[] = []
    let isTuple = false
    while (!this.#endsTuple(ends)) {
      if (items.length > 0) this.expect('operator', ',')
      if (this.#endsTuple(ends)) break
      items.push(choices ? this.expression() : this.#or())
      if (!this.isOperator(',')) break
      isTuple = true
    }
    if (!isTuple) {
      if (items.length > 0) return items[0]!
      if (!explicit) throw this.unexpected('an expression')
    }
    return { type: 'tuple', items }
  }

  #endsTuple(ends: (() => boolean) | undefined): boolean {
    return this.is('printEnd') || this.is('blockEnd') || this.isOperator(')') || ends?.() === true
  }

  expression(): Expression {
    return this.nested(() => {
      let value = this.#or()
      while (this.is('name', 'if')) {
        const { line } = this.next()
        const condition = this.#or()
        const otherwise = this.skip('name', 'else') ? this.expression() : undefined
        value = { type: 'choice', condition, chosen: value, otherwise, line }
      }
      return value
    })
  }

  #or(): Expression {
    let left = this.#and()
    while (this.skip('name', 'or')) left = { type: 'binary', operator: 'or', left, right: this.#and() }
    return left
  }

  #and(): Expression {
    let left = this.#not()
    while (this.skip('name', 'and')) left = { type: 'binary', operator: 'and', left, right: this.#not() }
    return left
  }

  #not(): Expression {
    if (!this.skip('name', 'not')) return this.#comparison()
    return this.nested(() => ({ type: 'unary', operator: 'not', operand: this.#not() }))
  }

  #comparison(): Expression {
    const first = this.#sum()
    const rest: { operator: Comparison; operand: Expression }[] = []
    for (let operator = this.#comparator(); operator !== undefined; operator = this.#comparator())
      rest.push({ operator, operand: this.#sum() })
    return rest.length === 0 ? first : { type: 'compare', first, rest }
  }

  #comparator(): Comparison | undefined {
    if (this.is('operator') && comparisons.has(this.token.text)) return this.next().text as Comparison
    if (this.skip('name', 'in')) return 'in'
    const following = this.#tokens[this.#at + 1]
    if (this.is('name', 'not') && following?.type === 'name' && following.text === 'in') {
      this.next()
      this.next()
      return 'not in'
    }
    return undefined
  }

  #sum(): Expression {
    let left = this.#concatenation()
    while (this.isOperator('+') || this.isOperator('-')) {
      const operator = this.next().text as '+' | '-'
      left = { type: 'binary', operator, left, right: this.#concatenation() }
    }
    return left
  }

  #concatenation(): Expression {
    const parts = [this.#product()]
    while (this.skip('operator', '~')) parts.push(this.#product())
    return parts.length === 1 ? parts[0]! : { type: 'concat', parts }
  }

  #product(): Expression {
    let left = this.#power()
    while (['*', '/', '//', '%'].some((each) => this.isOperator(each))) {
      const operator = this.next().text as '*' | '/' | '//' | '%'
      left = { type: 'binary', operator, left, right: this.#power() }
    }
    return left
  }

  #power(): Expression {
    let left = this.#unary()
    while (this.skip('operator', '**')) left = { type: 'binary', operator: '**', left, right: this.#unary() }
    return left
  }

  #unary(withFilters = true): Expression {
    let value: Expression
    if (this.isOperator('-') || this.isOperator('+')) {
      const operator = this.next().text as '-' | '+'
      value = this.nested(() => ({ type: 'unary', operator, operand: this.#unary(false) }))
    } else value = this.primary()
    value = this.#postfix(value)
    return withFilters ? this.#filtersAndTests(value) : value
  }

  primary(): Expression {
    const { type, text } = this.token
    switch (type) {
      case 'name': {
        this.next()
        const constant = constants.get(text)
        return constant === undefined ? { type: 'name', name: text } : { type: 'literal', value: constant }
      }
      case 'string': {
        let value = ''
        while (this.is('string')) value += this.next().text
        return { type: 'literal', value }
      }
      case 'integer':
        return { type: 'literal', value: Number(this.next().text) }
      case 'float':
        return { type: 'literal', value: Number(this.next().text), isFloat: true }
      case 'operator':
        if (text === '(') return this.nested(() => this.#parenthesized())
        if (text === '[') return this.nested(() => this.#list())
        if (text === '{') return this.nested(() => this.#dict())
    }
    throw this.unexpected()
  }

  #parenthesized(): Expression {
    this.next()
    const value = this.tuple(true, true)
    this.expect('operator', ')')
    return value
  }

  #list(): Expression {
    this.next()
    const items: Expression[] = []
    while (!this.isOperator(']')) {
      if (items.length > 0) this.expect('operator', ',')
      if (this.isOperator(']')) break
      items.push(this.expression())
    }
    this.expect('operator', ']')
    return { type: 'list', items }
  }

  #dict(): Expression {
    this.next()
    const entries: (readonly [Expression, Expression])[] = []
    while (!this.isOperator('}')) {
      if (entries.length > 0) this.expect('operator', ',')
      if (this.isOperator('}')) break
      const key = this.expression()
      this.expect('operator', ':')
      entries.push([key, this.expression()])
    }
    this.expect('operator', '}')
    return { type: 'dict', entries }
  }

  #postfix(start: Expression): Expression {
    let value = start
    for (;;) {
      if (this.isOperator('.') || this.isOperator('[')) value = this.#subscript(value)
      else if (this.isOperator('(')) value = { type: 'call', callee: value, args: this.#arguments() }
      else return value
    }
  }

  #subscript(object: Expression): Expression {
    if (this.next().text === '.') {
      const { type, text } = this.token
      if (type !== 'name' && type !== 'integer') throw this.unexpected('name or number')
      this.next()
      if (type === 'name') return { type: 'attribute', object, name: text }
      return { type: 'item', object, key: { type: 'literal', value: Number(text) } }
    }
    const keys: Expression[] = []
    let slice: Expression | undefined
    while (!this.isOperator(']')) {
      if (keys.length > 0 || slice !== undefined) this.expect('operator', ',')
      const part = this.#slicePart(object)
      if (part.type === 'slice' && part.object === object) slice = part
      else keys.push(part)
    }
    this.expect('operator', ']')
    if (slice !== undefined) {
      if (keys.length > 0) throw this.unexpected()
      return slice
    }
    return { type: 'item', object, key: keys.length === 1 ? keys[0]! : { type: 'tuple', items: keys } }
  }

  /** An expression, or `from:to:step` in which each part is optional. */
  #slicePart(object: Expression): Expression {
    const ends = (): boolean => this.isOperator(':') || this.isOperator(']') || this.isOperator(',')
    const from = this.isOperator(':') ? undefined : this.expression()
    if (from !== undefined && !this.isOperator(':')) return from
    this.next()
    const to = ends() ? undefined : this.expression()
    const by = this.skip('operator', ':') && !ends() ? this.expression() : undefined
    return { type: 'slice', object, bounds: [from, to, by] }
  }

  #arguments(): CallArguments {
    this.next()
    const positional: Expression[] = []
    const named: (readonly [string, Expression])[] = []
    let spread: Expression | undefined
    let namedSpread: Expression | undefined
    for (let first = true; !this.isOperator(')'); first = false) {
      if (!first) {
        this.expect('operator', ',')
        if (this.isOperator(')')) break
      }
      const following = this.#tokens[this.#at + 1]
      if (this.isOperator('*') && spread === undefined && namedSpread === undefined) {
        this.next()
        spread = this.expression()
      } else if (this.isOperator('**') && namedSpread === undefined) {
        this.next()
        namedSpread = this.expression()
      } else if (
        this.is('name') &&
        following?.type === 'operator' &&
        following.text === '=' &&
        namedSpread === undefined
      ) {
        const { text } = this.next()
        this.next()
        named.push([text, this.expression()])
      } else {
        if (named.length > 0 || spread !== undefined || namedSpread !== undefined) throw this.unexpected()
        positional.push(this.expression())
      }
    }
    this.expect('operator', ')')
    return { positional, named, spread, namedSpread }
  }

  #filtersAndTests(start: Expression): Expression {
    let value = start
    for (;;) {
      if (this.skip('operator', '|')) {
        const { name, args } = this.#filterUse()
        value = { type: 'filter', name, input: value, args }
      } else if (this.skip('name', 'is')) value = this.#test(value)
      else if (this.isOperator('(')) value = { type: 'call', callee: value, args: this.#arguments() }
      else return value
    }
  }

  #filterUse(): FilterUse {
    const name = this.#dottedName()
    return { name, args: this.isOperator('(') ? this.#arguments() : noArguments }
  }

  #dottedName(): string {
    let name = this.expect('name').text
    while (this.skip('operator', '.')) name += `.${this.expect('name').text}`
    return name
  }

  /** The filters of `{% filter a | b(1) %}`; the first one has no pipe. */
  filters(): readonly FilterUse[] {
    const uses = [this.#filterUse()]
    while (this.skip('operator', '|')) uses.push(this.#filterUse())
    return uses
  }

  #test(input: Expression): Expression {
    const negated = this.skip('name', 'not')
    const name = this.#dottedName()
    const { type, text } = this.token
    let args = noArguments
    if (this.isOperator('(')) args = this.#arguments()
    else if (
      (['name', 'string', 'integer', 'float'].includes(type) ||
        (type === 'operator' && beginsArgument.has(text))) &&
      !(type === 'name' && ['else', 'or', 'and'].includes(text))
    ) {
      if (this.is('name', 'is')) throw this.unexpected('no second test')
      args = { ...noArguments, positional: [this.#postfix(this.primary())] }
    }
    const test: Expression = { type: 'test', name, input, args }
    return negated ? { type: 'unary', operator: 'not', operand: test } : test
  }

  /** The target before `=` or `in`. */
  target(ends: () => boolean, members = false): Target {
    const items: Target[] = []
    let isTuple = false
    for (;;) {
      if (ends()) break
      items.push(this.#targetItem(members))
      if (!this.skip('operator', ',')) break
      isTuple = true
    }
    if (items.length === 0) throw this.unexpected('a name')
    return isTuple ? { type: 'tuple', items } : items[0]!
  }

  #targetItem(members: boolean): Target {
    if (this.skip('operator', '(')) {
      const inner = this.nested(() => this.target(() => this.isOperator(')'), members))
      this.expect('operator', ')')
      return inner
    }
    const { text: name, line } = this.expect('name')
    if (constants.has(name)) throw syntaxFailure(`can't assign to '${name}'`, line)
    if (members && this.skip('operator', '.'))
      return { type: 'member', object: name, name: this.expect('name').text }
    return { type: 'name', name }
  }
}

const names: Readonly<Record<TokenType, string>> = {
  text: 'text',
  blockBegin: "'{%'",
  blockEnd: "'%}'",
  printBegin: "'{{'",
  printEnd: "'}}'",
  name: 'a name',
  string: 'a string',
  integer: 'an integer',
  float: 'a float',
  operator: 'an operator',
  end: 'end of template',
}
