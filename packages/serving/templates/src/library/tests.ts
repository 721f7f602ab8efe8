/** Jinja's tests: `value is name`. */

import { runtimeFailure } from '../failure.ts'
import { compare, contains, defined, isEqual, isSame } from '../values/operators.ts'
import { textOf } from '../values/text.ts'
import {
  Callable,
  Dict,
  isFloat,
  itemsOf,
  Lazy,
  LoopState,
  numberOf,
  Undefined,
  type Value,
} from '../values/values.ts'

type Test = (value: Value, ...args: Value[]) => boolean

function integer(value: Value): number {
  const number = numberOf(defined(value))
  if (number === undefined) throw runtimeFailure('a number is required')
  return number
}

const remainder = (value: Value, divisor: number): number => {
  if (divisor === 0) throw runtimeFailure('integer modulo by zero')
  return Math.abs(integer(value)) % Math.abs(divisor)
}

const cased = (value: Value, change: 'toUpperCase' | 'toLowerCase'): boolean => {
  const text = textOf(value)
  return text === text[change]() && text.toUpperCase() !== text.toLowerCase()
}

const eq: Test = (value, other) => isEqual(value, other!)
const ne: Test = (value, other) => !isEqual(value, other!)
const lt: Test = (value, other) => compare(value, other!, '<') < 0
const le: Test = (value, other) => compare(value, other!, '<=') <= 0
const gt: Test = (value, other) => compare(value, other!, '>') > 0
const ge: Test = (value, other) => compare(value, other!, '>=') >= 0

/** Each test with its number of arguments. */
const tests: ReadonlyMap<string, readonly [Test, number]> = new Map<string, readonly [Test, number]>([
  ['defined', [(value) => !(value instanceof Undefined), 0]],
  ['undefined', [(value) => value instanceof Undefined, 0]],
  ['none', [(value) => value === null, 0]],
  ['boolean', [(value) => typeof value === 'boolean', 0]],
  ['true', [(value) => value === true, 0]],
  ['false', [(value) => value === false, 0]],
  ['integer', [(value) => typeof value === 'number' && !isFloat(value), 0]],
  ['float', [isFloat, 0]],
  ['number', [(value) => numberOf(value) !== undefined, 0]],
  ['string', [(value) => typeof value === 'string', 0]],
  ['mapping', [(value) => value instanceof Dict, 0]],
  ['sequence', [isSequence, 0]],
  ['iterable', [(value) => isSequence(value) || value instanceof Lazy || value instanceof LoopState, 0]],
  ['callable', [(value) => value instanceof Callable, 0]],
  ['escaped', [() => false, 0]],
  ['odd', [(value) => remainder(value, 2) === 1, 0]],
  ['even', [(value) => remainder(value, 2) === 0, 0]],
  ['divisibleby', [(value, divisor) => remainder(value, integer(divisor!)) === 0, 1]],
  ['lower', [(value) => cased(value, 'toLowerCase'), 0]],
  ['upper', [(value) => cased(value, 'toUpperCase'), 0]],
  ['sameas', [(value, other) => isSame(value, other!), 1]],
  ['in', [(value, items) => contains(items!, value), 1]],
  ...aliases(eq, 'eq', 'equalto', '=='),
  ...aliases(ne, 'ne', '!='),
  ...aliases(lt, 'lt', 'lessthan', '<'),
  ...aliases(le, 'le', '<='),
  ...aliases(gt, 'gt', 'greaterthan', '>'),
  ...aliases(ge, 'ge', '>='),
])

function aliases(test: Test, ...names: string[]): [string, readonly [Test, number]][] {
  return names.map((name) => [name, [test, 1]])
}

function isSequence(value: Value): boolean {
  if (typeof value === 'string' || value instanceof Dict || value instanceof Undefined) return true
  return itemsOf(value) !== undefined
}

export function hasTest(name: string): boolean {
  return tests.has(name)
}

export function runTest(name: string, value: Value, args: readonly Value[]): boolean {
  const found = tests.get(name)
  if (found === undefined) throw runtimeFailure(`No test named '${name}'.`)
  const [test, parameters] = found
  if (args.length !== parameters)
    throw runtimeFailure(`the test '${name}' takes ${parameters} arguments (${args.length} given)`)
  return test(value, ...args)
}
