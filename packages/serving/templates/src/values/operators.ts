/** Python's operators between values. */

import { spendCharacters, spendItems, step } from '../budget.ts'
import { runtimeFailure } from '../failure.ts'
import { formatPercent } from './format.ts'
import { textOf } from './text.ts'
import {
  Dict,
  DictView,
  float,
  isAstral,
  isFloat,
  isList,
  itemsOf,
  iterate,
  numberOf,
  Range,
  Tuple,
  typeName,
  Undefined,
  type Value,
} from './values.ts'

/** Throws if an undefined value is used other than for printing. */
export function defined(value: Value): Exclude<Value, Undefined> {
  if (value instanceof Undefined) throw runtimeFailure(value.why)
  return value
}

export function isEqual(one: Value, other: Value): boolean {
  step()
  if (one === other) return true
  const [first, second] = [numberOf(one), numberOf(other)]
  if (first !== undefined || second !== undefined) return first === second
  if (one instanceof Undefined) return other instanceof Undefined
  if (one instanceof Dict)
    return other instanceof Dict && one.size === other.size && everyMemberIn(one, other)
  const comparable =
    (isList(one) && isList(other)) ||
    (one instanceof Tuple && other instanceof Tuple) ||
    (one instanceof Range && other instanceof Range) ||
    (one instanceof DictView && other instanceof DictView && one.kind === other.kind)
  if (!comparable) return false
  const [items, others] = [itemsOf(one)!, itemsOf(other)!]
  return items.length === others.length && items.every((item, index) => isEqual(item, others[index]!))
}

function everyMemberIn(one: Dict, other: Dict): boolean {
  for (const [key, value] of one.entries()) {
    const counterpart = other.get(key)
    if (counterpart === undefined || !isEqual(value, counterpart)) return false
  }
  return true
}

/** The test `sameas`. Python's identity equals `===` for small numbers and interned strings only. */
export function isSame(one: Value, other: Value): boolean {
  return one === other
}

/** Compares by code points. JavaScript compares UTF-16 units, which differs for surrogates. */
export function comparePoints(one: string, other: string): number {
  if (!isAstral(one) && !isAstral(other)) return one < other ? -1 : one > other ? 1 : 0
  const [first, second] = [[...one], [...other]]
  for (let at = 0; at < first.length && at < second.length; at += 1) {
    const difference = first[at]!.codePointAt(0)! - second[at]!.codePointAt(0)!
    if (difference !== 0) return difference
  }
  return first.length - second.length
}

/** Negative, zero or positive. Throws for types that Python cannot order; the message contains `operator`. */
export function compare(one: Value, other: Value, operator = '<'): number {
  step()
  defined(one)
  defined(other)
  if (typeof one === 'string' && typeof other === 'string') return comparePoints(one, other)
  const [first, second] = [numberOf(one), numberOf(other)]
  if (first !== undefined && second !== undefined) return first - second
  if ((isList(one) && isList(other)) || (one instanceof Tuple && other instanceof Tuple)) {
    const [items, others] = [itemsOf(one)!, itemsOf(other)!]
    for (let at = 0; at < items.length && at < others.length; at += 1)
      if (!isEqual(items[at]!, others[at]!)) return compare(items[at]!, others[at]!, operator)
    return items.length - others.length
  }
  throw runtimeFailure(
    `'${operator}' not supported between instances of '${typeName(one)}' and '${typeName(other)}'`,
  )
}

/** `needle in haystack`. */
export function contains(haystack: Value, needle: Value): boolean {
  if (typeof haystack === 'string') {
    if (typeof needle === 'string') return haystack.includes(needle)
    defined(needle)
    throw runtimeFailure(`'in <string>' requires string as left operand, not ${typeName(needle)}`)
  }
  if (haystack instanceof Dict) return haystack.has(needle)
  if (numberOf(haystack) !== undefined || haystack === null)
    throw runtimeFailure(`argument of type '${typeName(haystack)}' is not iterable`)
  return iterate(haystack).some((item) => isEqual(item, needle))
}

/** Jinja's operator `~`. */
export function concatenate(values: readonly Value[]): string {
  let text = ''
  for (const value of values) {
    const next = textOf(value)
    spendCharacters(text.length + next.length)
    text += next
  }
  return text
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**'

export function arithmetic(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (operator === '%' && typeof left === 'string') return formatPercent(left, right)
  defined(left)
  defined(right)
  const [a, b] = [numberOf(left), numberOf(right)]
  if (a !== undefined && b !== undefined) return calculate(operator, a, b, isFloat(left) || isFloat(right))
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') {
      spendCharacters(left.length + right.length)
      return left + right
    }
    if (isList(left) && isList(right)) {
      spendItems(left.length + right.length)
      return [...left, ...right]
    }
    if (left instanceof Tuple && right instanceof Tuple) {
      spendItems(left.items.length + right.items.length)
      return new Tuple([...left.items, ...right.items])
    }
    if (typeof left === 'string')
      throw runtimeFailure(`can only concatenate str (not "${typeName(right)}") to str`)
  }
  if (operator === '*') {
    if (b !== undefined && !isFloat(right)) {
      const repeated = repeat(left, b)
      if (repeated !== undefined) return repeated
    }
    if (a !== undefined && !isFloat(left)) {
      const repeated = repeat(right, a)
      if (repeated !== undefined) return repeated
    }
  }
  throw runtimeFailure(
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  )
}

function repeat(value: Value, count: number): Value | undefined {
  const times = Math.max(0, count)
  if (typeof value === 'string') {
    spendCharacters(value.length * times)
    return value.repeat(times)
  }
  const items = isList(value) ? value : value instanceof Tuple ? value.items : undefined
  if (items === undefined) return undefined
  spendItems(items.length * times)
  const all = Array.from({ length: times }, () => items).flat() as Value[]
  return value instanceof Tuple ? new Tuple(all) : all
}

function calculate(operator: ArithmeticOperator, a: number, b: number, floats: boolean): Value {
  const result = (value: number): Value => (floats ? float(value) : value)
  switch (operator) {
    case '+':
      return result(a + b)
    case '-':
      return result(a - b)
    case '*':
      return result(a * b)
    case '**':
      if (a === 0 && b < 0) throw runtimeFailure('0.0 cannot be raised to a negative power')
      return b < 0 ? float(a ** b) : result(a ** b)
  }
  if (b === 0) throw runtimeFailure('division by zero')
  if (operator === '/') return float(a / b)
  const quotient = Math.floor(a / b)
  // The remainder has the sign of the divisor.
  return result(operator === '//' ? quotient : a - b * quotient)
}

export function negate(value: Value): Value {
  const number = numberOf(defined(value))
  if (number === undefined) throw runtimeFailure(`bad operand type for unary -: '${typeName(value)}'`)
  return isFloat(value) ? float(-number) : 0 - number
}

export function plus(value: Value): Value {
  const number = numberOf(defined(value))
  if (number === undefined) throw runtimeFailure(`bad operand type for unary +: '${typeName(value)}'`)
  return isFloat(value) ? float(number) : number
}
