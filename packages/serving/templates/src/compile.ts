/** Compiles a syntax tree to closures. Scopes follow Jinja: loops, macros and blocks each have one. */

import { maxDepth, mayRender, spendCharacters, spendItems, step } from './budget.ts'
import { runtimeFailure, TemplateFailure } from './failure.ts'
import { getAttribute, getItem, getSlice } from './library/attributes.ts'
import { applyFilter, hasFilter } from './library/filters.ts'
import { hasTest, runTest } from './library/tests.ts'
import type {
  CallArguments,
  Comparison,
  Expression,
  FilterUse,
  Parameter,
  Statement,
  Target,
} from './syntax/nodes.ts'
import {
  arithmetic,
  compare,
  concatenate,
  contains,
  defined,
  isEqual,
  negate,
  plus,
} from './values/operators.ts'
import { textOf } from './values/text.ts'
import {
  type Arguments,
  Callable,
  Dict,
  float,
  isTrue,
  iterate,
  LoopState,
  Namespace,
  Tuple,
  typeName,
  Undefined,
  undefinedName,
  type Value,
} from './values/values.ts'

/** Rewrites the string literals that a template compares with its input, for callers that rewrote the input. */
export interface LiteralHook {
  /** Equal for hooks with the same effect. */
  readonly key: string
  text(text: string): string
}

export class Scope {
  readonly #values = new Map<string, Value>()
  readonly #parent: Scope | undefined

  constructor(parent?: Scope) {
    this.#parent = parent
  }

  get(name: string): Value {
    let scope: Scope | undefined = this
    while (scope !== undefined) {
      const value = scope.#values.get(name)
      if (value !== undefined) return value
      scope = scope.#parent
    }
    return undefinedName(name)
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value)
  }
}

type Evaluate = (scope: Scope) => Value
/** Writes a statement's output, and returns whether it leaves the enclosing loop. */
type Run = (scope: Scope, out: Output) => Leaving
type Leaving = 'break' | 'continue' | undefined

export class Output {
  readonly #parts: string[] = []
  #length = 0

  write(text: string): void {
    step()
    this.#length += text.length
    if (!mayRender(this.#length)) spendCharacters(this.#length)
    if (text !== '') this.#parts.push(text)
  }

  text(): string {
    spendCharacters(this.#length)
    return this.#parts.join('')
  }
}

let depth = 0

/** Limits the nesting of macro calls and recursive loops. */
function called<T>(act: () => T): T {
  if (depth >= maxDepth) throw new TemplateFailure('size', 'its macros call each other too deeply')
  depth += 1
  try {
    return act()
  } finally {
    depth -= 1
  }
}

/** Throws `TemplateFailure` of the kind `syntax` for unknown filters and tests. */
export function compile(statements: readonly Statement[], hook?: LiteralHook): Run {
  return new Compiler(hook).block(statements)
}

class Compiler {
  readonly #hook: LiteralHook | undefined

  constructor(hook: LiteralHook | undefined) {
    this.#hook = hook
  }

  block(statements: readonly Statement[]): Run {
    const runs = statements.map((statement) => this.#statement(statement))
    return (scope, out) => {
      for (const run of runs) {
        const leaving = run(scope, out)
        if (leaving !== undefined) return leaving
      }
      return undefined
    }
  }

  #statement(statement: Statement): Run {
    switch (statement.type) {
      case 'text': {
        const { text } = statement
        return (_scope, out) => void out.write(text)
      }
      case 'print': {
        const value = this.#expression(statement.value)
        return (scope, out) => void out.write(textOf(value(scope)))
      }
      case 'if':
        return this.#if(statement)
      case 'for':
        return this.#for(statement)
      case 'break':
      case 'continue': {
        const { type } = statement
        return () => type
      }
      case 'set': {
        const assign = assigner(statement.target)
        const value = this.#expression(statement.value)
        return (scope) => void assign(scope, value(scope))
      }
      case 'setBlock': {
        const assign = assigner(statement.target)
        const text = this.#filtered(statement.filters, statement.body)
        return (scope) => void assign(scope, text(scope))
      }
      case 'filterBlock': {
        const text = this.#filtered(statement.filters, statement.body)
        return (scope, out) => void out.write(textOf(text(scope)))
      }
      case 'macro': {
        const macro = this.#macro(statement.name, statement.parameters, statement.body)
        return (scope) => void scope.set(statement.name, macro(scope))
      }
      case 'call':
        return this.#callBlock(statement)
      case 'with': {
        const bindings = statement.bindings.map(({ target, value }) => ({
          assign: assigner(target),
          value: this.#expression(value),
        }))
        const body = this.block(statement.body)
        return (scope, out) => {
          const inner = new Scope(scope)
          for (const { assign, value } of bindings) assign(inner, value(scope))
          return body(inner, out)
        }
      }
      case 'generation': {
        const body = this.block(statement.body)
        return (scope, out) => void body(new Scope(scope), out)
      }
    }
  }

  #if({ branches, otherwise }: Extract<Statement, { type: 'if' }>): Run {
    const compiled = branches.map(({ condition, body }) => ({
      condition: this.#expression(condition),
      body: this.block(body),
    }))
    const last = this.block(otherwise)
    return (scope, out) => {
      for (const { condition, body } of compiled) if (isTrue(condition(scope))) return body(scope, out)
      return last(scope, out)
    }
  }

  #for(statement: Extract<Statement, { type: 'for' }>): Run {
    const assign = assigner(statement.target)
    const items = this.#expression(statement.items)
    const condition = statement.condition && this.#expression(statement.condition)
    const body = this.block(statement.body)
    const otherwise = this.block(statement.otherwise)

    const passes = (scope: Scope, item: Value): boolean => {
      if (condition === undefined) return true
      const inner = new Scope(scope)
      assign(inner, item)
      return isTrue(condition(inner))
    }
    const loop = (scope: Scope, out: Output, over: Value, level: number): Leaving => {
      const all = iterate(over)
      const chosen = condition === undefined ? all : all.filter((item) => passes(scope, item))
      const recurse = statement.recursive
        ? (inner: Value): Value =>
            called(() => {
              const written = new Output()
              loop(scope, written, inner, level + 1)
              return written.text()
            })
        : undefined
      const state = new LoopState(chosen, level, recurse)
      for (const [index, item] of chosen.entries()) {
        step()
        state.index0 = index
        const inner = new Scope(scope)
        inner.set('loop', state)
        assign(inner, item)
        if (body(inner, out) === 'break') break
      }
      return chosen.length === 0 ? otherwise(new Scope(scope), out) : undefined
    }
    return (scope, out) => loop(scope, out, items(scope), 1)
  }

  #filtered(uses: readonly FilterUse[], statements: readonly Statement[]): Evaluate {
    const body = this.block(statements)
    const filters = uses.map(({ name, args }) => this.#filter(name, args))
    return (scope) => {
      const written = new Output()
      body(new Scope(scope), written)
      return filters.reduce<Value>((value, filter) => filter(scope, value), written.text())
    }
  }

  /** A macro as a function of its enclosing scope. */
  #macro(
    name: string,
    parameters: readonly Parameter[],
    statements: readonly Statement[],
  ): (scope: Scope) => Callable {
    const body = this.block(statements)
    const known = new Set(parameters.map((parameter) => parameter.name))
    const fallbacks = parameters.map(({ fallback }) => fallback && this.#expression(fallback))
    const uses = (special: string): boolean => !known.has(special) && mentions(statements, special)
    const takes = { caller: uses('caller'), kwargs: uses('kwargs'), varargs: uses('varargs') }
    return (scope) =>
      new Callable(name, ({ positional, named }) =>
        called(() => {
          const inner = new Scope(scope)
          const rest = new Map(named)
          for (const [index, parameter] of parameters.entries()) {
            const given = index < positional.length ? positional[index] : rest.get(parameter.name)
            if (index < positional.length && rest.has(parameter.name))
              throw runtimeFailure(`macro '${name}' got multiple values for argument '${parameter.name}'`)
            rest.delete(parameter.name)
            inner.set(
              parameter.name,
              given === undefined ? new Undefined(`parameter '${parameter.name}' was not provided`) : given,
            )
            if (given === undefined && fallbacks[index] !== undefined)
              inner.set(parameter.name, fallbacks[index](inner))
          }
          if (takes.caller) {
            inner.set('caller', rest.get('caller') ?? new Undefined('No caller defined'))
            rest.delete('caller')
          }
          if (takes.kwargs) inner.set('kwargs', new Dict(rest))
          else if (rest.size > 0)
            throw runtimeFailure(`macro '${name}' takes no keyword argument '${[...rest.keys()][0]!}'`)
          if (takes.varargs) inner.set('varargs', new Tuple(positional.slice(parameters.length)))
          else if (positional.length > parameters.length)
            throw runtimeFailure(`macro '${name}' takes not more than ${parameters.length} argument(s)`)
          const written = new Output()
          body(inner, written)
          return written.text()
        }),
      )
  }

  #callBlock({ call, parameters, body }: Extract<Statement, { type: 'call' }>): Run {
    if (call.type !== 'call') throw runtimeFailure('expected call')
    const callee = this.#expression(call.callee)
    const args = this.#arguments(call.args)
    const caller = this.#macro('caller', parameters, body)
    return (scope, out) => {
      const { positional, named } = args(scope)
      const withCaller = new Map([...named, ['caller', caller(scope)] as const])
      out.write(textOf(invoke(callee(scope), { positional, named: withCaller })))
      return undefined
    }
  }

  #expression(node: Expression): Evaluate {
    switch (node.type) {
      case 'literal': {
        const value = node.isFloat === true ? float(Number(node.value)) : node.value
        return () => value
      }
      case 'name': {
        const { name } = node
        return (scope) => scope.get(name)
      }
      case 'list': {
        const items = node.items.map((item) => this.#expression(item))
        return (scope) => {
          spendItems(items.length)
          return items.map((item) => item(scope))
        }
      }
      case 'tuple': {
        const items = node.items.map((item) => this.#expression(item))
        return (scope) => {
          spendItems(items.length)
          return new Tuple(items.map((item) => item(scope)))
        }
      }
      case 'dict': {
        const entries = node.entries.map(
          ([key, value]) => [this.#expression(key), this.#expression(value)] as const,
        )
        return (scope) => {
          spendItems(2 * entries.length)
          return new Dict(entries.map(([key, value]) => [key(scope), value(scope)]))
        }
      }
      case 'attribute': {
        const { name } = node
        const object = this.#expression(node.object)
        return (scope) => getAttribute(object(scope), name)
      }
      case 'item': {
        const [object, key] = [this.#expression(node.object), this.#expression(node.key)]
        return (scope) => getItem(object(scope), key(scope))
      }
      case 'slice': {
        const object = this.#expression(node.object)
        const bounds = node.bounds.map((bound) => bound && this.#expression(bound))
        return (scope) =>
          getSlice(
            object(scope),
            bounds.map((bound) => bound?.(scope)),
          )
      }
      case 'call': {
        const callee = this.#expression(node.callee)
        const args = this.#arguments(node.args, node.callee.type === 'attribute')
        return (scope) => {
          step()
          return invoke(callee(scope), args(scope))
        }
      }
      case 'filter': {
        const input = this.#expression(node.input)
        const filter = this.#filter(node.name, node.args)
        return (scope) => filter(scope, input(scope))
      }
      case 'test': {
        const { name } = node
        if (!hasTest(name)) throw new TemplateFailure('syntax', `No test named '${name}'.`)
        const input = this.#expression(node.input)
        const args = this.#arguments(node.args)
        return (scope) => runTest(name, input(scope), args(scope).positional)
      }
      case 'unary': {
        const operand = this.#expression(node.operand)
        if (node.operator === 'not') return (scope) => !isTrue(operand(scope))
        const change = node.operator === '-' ? negate : plus
        return (scope) => change(operand(scope))
      }
      case 'binary':
        return this.#binary(node)
      case 'concat': {
        const parts = node.parts.map((part) => this.#expression(part))
        return (scope) => concatenate(parts.map((part) => part(scope)))
      }
      case 'compare':
        return this.#comparison(node)
      case 'choice': {
        const [condition, chosen] = [this.#expression(node.condition), this.#expression(node.chosen)]
        const otherwise = node.otherwise && this.#expression(node.otherwise)
        const missing = new Undefined(
          `the inline if-expression on line ${node.line} evaluated to false and no else section was defined.`,
        )
        return (scope) => {
          if (isTrue(condition(scope))) return chosen(scope)
          return otherwise === undefined ? missing : otherwise(scope)
        }
      }
    }
  }

  #binary({ operator, left, right }: Extract<Expression, { type: 'binary' }>): Evaluate {
    const [first, second] = [this.#expression(left), this.#expression(right)]
    if (operator === 'and')
      return (scope) => {
        const value = first(scope)
        return isTrue(value) ? second(scope) : value
      }
    if (operator === 'or')
      return (scope) => {
        const value = first(scope)
        return isTrue(value) ? value : second(scope)
      }
    return (scope) => arithmetic(operator, first(scope), second(scope))
  }

  #comparison({ first, rest }: Extract<Expression, { type: 'compare' }>): Evaluate {
    const hooked = rest.some(({ operator }) => ['==', '!=', 'in', 'not in'].includes(operator))
    const operand = (node: Expression): Evaluate => (hooked ? this.#needle(node) : this.#expression(node))
    const start = operand(first)
    const steps = rest.map(({ operator, operand: node }) => ({
      holds: comparators[operator],
      operand: operand(node),
    }))
    return (scope) => {
      let left = start(scope)
      for (const { holds, operand: next } of steps) {
        const right = next(scope)
        if (!holds(left, right)) return false
        left = right
      }
      return true
    }
  }

  #filter(name: string, written: CallArguments): (scope: Scope, input: Value) => Value {
    if (!hasFilter(name)) throw new TemplateFailure('syntax', `No filter named '${name}'.`)
    const args = this.#arguments(written, true)
    return (scope, input) => {
      step()
      return applyFilter(name, input, args(scope))
    }
  }

  /** With `hooked`, the literal hook applies to the first argument: the text that a method or filter searches for. */
  #arguments(
    { positional, named, spread, namedSpread }: CallArguments,
    hooked = false,
  ): (scope: Scope) => Arguments {
    const values = positional.map((node, index) =>
      hooked && index === 0 ? this.#needle(node) : this.#expression(node),
    )
    const members = named.map(([name, node]) => [name, this.#expression(node)] as const)
    const [more, moreMembers] = [
      spread && this.#expression(spread),
      namedSpread && this.#expression(namedSpread),
    ]
    return (scope) => {
      const all = values.map((value) => value(scope))
      if (more !== undefined) for (const item of iterate(more(scope))) all.push(item)
      const byName = new Map(members.map(([name, value]) => [name, value(scope)]))
      if (moreMembers !== undefined) {
        const mapping = moreMembers(scope)
        if (!(mapping instanceof Dict))
          throw runtimeFailure(`argument after ** must be a mapping, not ${typeName(mapping)}`)
        for (const [key, value] of mapping.entries()) byName.set(textOf(key), value)
      }
      return { positional: all, named: byName }
    }
  }

  #needle(node: Expression): Evaluate {
    if (this.#hook === undefined || node.type !== 'literal' || typeof node.value !== 'string')
      return this.#expression(node)
    const value = this.#hook.text(node.value)
    return () => value
  }
}

const comparators: Readonly<Record<Comparison, (left: Value, right: Value) => boolean>> = {
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': (left, right) => compare(left, right, '<') < 0,
  '<=': (left, right) => compare(left, right, '<=') <= 0,
  '>': (left, right) => compare(left, right, '>') > 0,
  '>=': (left, right) => compare(left, right, '>=') >= 0,
  in: (left, right) => contains(right, left),
  'not in': (left, right) => !contains(right, left),
}

function invoke(callee: Value, args: Arguments): Value {
  defined(callee)
  if (callee instanceof Callable) return callee.call(args)
  if (callee instanceof LoopState && callee.recurse !== undefined)
    return callee.recurse(args.positional[0] ?? [])
  throw runtimeFailure(`'${typeName(callee)}' object is not callable`)
}

function assigner(target: Target): (scope: Scope, value: Value) => void {
  switch (target.type) {
    case 'name':
      return (scope, value) => scope.set(target.name, value)
    case 'member':
      return (scope, value) => {
        const object = scope.get(target.object)
        if (!(object instanceof Namespace))
          throw runtimeFailure('cannot assign attribute on non-namespace object')
        object.members.set(target.name, value)
      }
    case 'tuple': {
      const assigners = target.items.map(assigner)
      return (scope, value) => {
        const items = iterate(value)
        if (items.length !== assigners.length)
          throw runtimeFailure(`cannot unpack ${items.length} values into ${assigners.length} names`)
        for (const [index, assign] of assigners.entries()) assign(scope, items[index]!)
      }
    }
  }
}

/** Whether a name is read anywhere in a tree. */
function mentions(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false
  if (
    !Array.isArray(node) &&
    (node as Expression).type === 'name' &&
    (node as { name: string }).name === name
  )
    return true
  return Object.values(node).some((member) => mentions(member, name))
}
