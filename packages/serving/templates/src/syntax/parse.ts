/** Parses a template's source to a syntax tree. */

import { step } from '../budget.ts'
import { syntaxFailure } from '../failure.ts'
import { lex } from './lex.ts'
import type { Expression, Parameter, Statement, Target } from './nodes.ts'
import { ExpressionParser } from './parse-expression.ts'

/** Throws `TemplateFailure` of the kind `syntax`. */
export function parse(source: string): readonly Statement[] {
  return new StatementParser(new ExpressionParser(lex(source))).template()
}

class StatementParser {
  readonly #in: ExpressionParser
  #loops = 0

  constructor(expressions: ExpressionParser) {
    this.#in = expressions
  }

  template(): readonly Statement[] {
    const body = this.#statements([])
    if (!this.#in.is('end')) throw this.#in.unexpected()
    return body
  }

  /** Parses up to a block named in `ends`, and consumes its opening delimiter; to the end if `ends` is empty. */
  #statements(ends: readonly string[]): readonly Statement[] {
    const body: Statement[] = []
    for (;;) {
      step()
      const { type, text, line } = this.#in.token
      if (type === 'end') {
        if (ends.length > 0)
          throw syntaxFailure(`unexpected end of template, expected '${ends.join("' or '")}'`, line)
        return body
      }
      this.#in.next()
      if (type === 'text') body.push({ type: 'text', text })
      else if (type === 'printBegin') {
        body.push({ type: 'print', value: this.#in.tuple() })
        this.#in.expect('printEnd')
      } else if (ends.some((end) => this.#in.is('name', end))) return body
      else body.push(this.#in.nested(() => this.#statement()))
    }
  }

  /** The body of a block that ends with `{% endNAME %}`. */
  #body(end: string): readonly Statement[] {
    this.#in.expect('blockEnd')
    const body = this.#statements([end])
    this.#in.next()
    this.#in.expect('blockEnd')
    return body
  }

  #statement(): Statement {
    const { text, line } = this.#in.expect('name')
    switch (text) {
      case 'if':
        return this.#if()
      case 'for':
        return this.#for()
      case 'set':
        return this.#set()
      case 'macro':
        return this.#macro()
      case 'call':
        return this.#call()
      case 'filter': {
        const filters = this.#in.filters()
        return { type: 'filterBlock', filters, body: this.#body('endfilter') }
      }
      case 'with':
        return this.#with()
      case 'print': {
        const value = this.#in.tuple()
        this.#in.expect('blockEnd')
        return { type: 'print', value }
      }
      case 'generation':
        return { type: 'generation', body: this.#outsideLoops(() => this.#body('endgeneration')) }
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw syntaxFailure(`'${text}' outside loop`, line)
        this.#in.expect('blockEnd')
        return { type: text }
      default:
        throw syntaxFailure(`Encountered unknown tag '${text}'.`, line)
    }
  }

  #if(): Statement {
    const branches: { condition: Expression; body: readonly Statement[] }[] = []
    let otherwise: readonly Statement[] = []
    for (;;) {
      const condition = this.#in.tuple(false)
      this.#in.expect('blockEnd')
      branches.push({ condition, body: this.#statements(['elif', 'else', 'endif']) })
      const { text } = this.#in.next()
      if (text === 'elif') continue
      if (text === 'else') otherwise = this.#body('endif')
      else this.#in.expect('blockEnd')
      return { type: 'if', branches, otherwise }
    }
  }

  #for(): Statement {
    const target = this.#in.target(() => this.#in.is('name', 'in'))
    this.#in.expect('name', 'in')
    const items = this.#in.tuple(false, false, () => this.#in.is('name', 'recursive'))
    const condition = this.#in.skip('name', 'if') ? this.#in.expression() : undefined
    const recursive = this.#in.skip('name', 'recursive')
    this.#in.expect('blockEnd')
    this.#loops += 1
    const body = this.#statements(['endfor', 'else'])
    this.#loops -= 1
    let otherwise: readonly Statement[] = []
    if (this.#in.next().text === 'else') otherwise = this.#body('endfor')
    else this.#in.expect('blockEnd')
    return { type: 'for', target, items, condition, recursive, body, otherwise }
  }

  #set(): Statement {
    const target = this.#in.target(() => this.#in.isOperator('='), true)
    if (this.#in.skip('operator', '=')) {
      const value = this.#in.tuple()
      this.#in.expect('blockEnd')
      return { type: 'set', target, value }
    }
    const filters = this.#in.skip('operator', '|') ? this.#in.filters() : []
    return { type: 'setBlock', target, filters, body: this.#body('endset') }
  }

  #macro(): Statement {
    const name = this.#in.expect('name').text
    const parameters = this.#parameters()
    return { type: 'macro', name, parameters, body: this.#outsideLoops(() => this.#body('endmacro')) }
  }

  #call(): Statement {
    const parameters = this.#in.isOperator('(') ? this.#parameters() : []
    const { line } = this.#in.token
    const call = this.#in.expression()
    if (call.type !== 'call') throw syntaxFailure('expected call', line)
    return { type: 'call', call, parameters, body: this.#outsideLoops(() => this.#body('endcall')) }
  }

  #parameters(): readonly Parameter[] {
    const parameters: Parameter[] = []
    this.#in.expect('operator', '(')
    while (!this.#in.isOperator(')')) {
      if (parameters.length > 0) this.#in.expect('operator', ',')
      const { text: name, line } = this.#in.expect('name')
      const fallback = this.#in.skip('operator', '=') ? this.#in.expression() : undefined
      if (fallback === undefined && parameters.at(-1)?.fallback !== undefined)
        throw syntaxFailure('non-default argument follows default argument', line)
      parameters.push({ name, fallback })
    }
    this.#in.expect('operator', ')')
    return parameters
  }

  #with(): Statement {
    const bindings: { target: Target; value: Expression }[] = []
    while (!this.#in.is('blockEnd')) {
      if (bindings.length > 0) this.#in.expect('operator', ',')
      const target = this.#in.target(() => this.#in.isOperator('='))
      this.#in.expect('operator', '=')
      bindings.push({ target, value: this.#in.expression() })
    }
    return { type: 'with', bindings, body: this.#body('endwith') }
  }

  /** A macro's body is a separate function: `break` and `continue` in it cannot leave enclosing loops. */
  #outsideLoops<T>(parseBody: () => T): T {
    const loops = this.#loops
    this.#loops = 0
    const body = parseBody()
    this.#loops = loops
    return body
  }
}
