/**
 * Selects an overload by the JavaScript kinds of the arguments. Pure: the result depends only on the kinds, so `dispatch.ts` can
 * cache it.
 */

import { isDevice, isDType, layouts, memoryFormats, reductions } from './dtype.ts'
import { Handle } from './handle.ts'
import { Kind, type Overload, type Parameter } from './schema.ts'

/** The kind of an argument. Below 32, so that a few fit in one number. */
export const Given = {
  Undefined: 0,
  Null: 1,
  Tensor: 2,
  Number: 3,
  Boolean: 4,
  BigInt: 5,
  String: 6,
  DType: 7,
  Device: 8,
  Layout: 9,
  MemoryFormat: 10,
  Reduction: 11,
  Numbers: 12,
  Booleans: 13,
  Tensors: 14,
  TensorsOrNull: 15,
  Strings: 16,
  EmptyArray: 17,
  Complex: 18,
  Options: 19,
  Unknown: 20,
} as const

export function givenKind(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return Given.Number
    case 'boolean':
      return Given.Boolean
    case 'undefined':
      return Given.Undefined
    case 'bigint':
      return Given.BigInt
    case 'string':
      return stringKind(value)
    case 'object':
      if (value instanceof Handle) return Given.Tensor
      if (value === null) return Given.Null
      return Array.isArray(value) ? arrayKind(value) : objectKind(value)
    default:
      return Given.Unknown
  }
}

function stringKind(text: string): number {
  if (isDType(text)) return Given.DType
  if (isDevice(text)) return Given.Device
  if (Object.hasOwn(layouts, text)) return Given.Layout
  if (Object.hasOwn(memoryFormats, text)) return Given.MemoryFormat
  if (Object.hasOwn(reductions, text)) return Given.Reduction
  return Given.String
}

function arrayKind(array: readonly unknown[]): number {
  if (array.length === 0) return Given.EmptyArray
  const first = array[0]
  if (typeof first === 'number' || typeof first === 'bigint') return Given.Numbers
  if (typeof first === 'boolean') return Given.Booleans
  if (typeof first === 'string') return Given.Strings
  return tensorsKind(array)
}

function tensorsKind(array: readonly unknown[]): number {
  let kind: number = Given.Tensors
  for (const item of array) {
    if (item === null || item === undefined) kind = Given.TensorsOrNull
    else if (!(item instanceof Handle)) return Given.Unknown
  }
  return kind
}

function objectKind(value: object): number {
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return Given.Unknown
  return 're' in value && 'im' in value ? Given.Complex : Given.Options
}

/** An overload with the source of each parameter's value. */
export interface Match {
  readonly overload: Overload
  /** An index into the positional arguments, a key of the options, or undefined for the default. */
  readonly sources: readonly (number | string | undefined)[]
}

/** The overload that fits best, or undefined. `options` maps the keys given to their kinds. */
export function match(
  overloads: readonly Overload[],
  positional: readonly number[],
  options: ReadonlyMap<string, number>,
): Match | undefined {
  let best: Match | undefined
  let bestScore = 0
  for (const overload of overloads) {
    const [score, sources] = rate(overload, positional, options)
    if (score > bestScore) {
      best = { overload, sources }
      bestScore = score
    }
  }
  return best
}

function rate(
  { parameters }: Overload,
  positional: readonly number[],
  options: ReadonlyMap<string, number>,
): [score: number, sources: (number | string | undefined)[]] {
  const places = parameters.filter((p) => !p.keywordOnly)
  if (positional.length > places.length) return [0, []]
  let score = 1
  let used = 0
  const sources: (number | string | undefined)[] = []
  for (const [i, parameter] of parameters.entries()) {
    const byPlace = !parameter.keywordOnly && i < positional.length
    const byKey = options.get(parameter.key)
    if (byKey !== undefined) used++
    if (byPlace && byKey !== undefined) return [0, []]
    const given = byPlace ? positional[i]! : byKey
    if (given === undefined || given === Given.Undefined) {
      if (parameter.hasDefault) score += 1
      else if (parameter.optional) score -= 0.5
      else return [0, []]
    } else {
      const fit = fits(parameter, given)
      if (fit === 0) return [0, []]
      score += fit + 1
    }
    sources.push(given === undefined ? undefined : byPlace ? i : parameter.key)
  }
  // Fewer parameters left to their defaults: the likelier overload.
  return used === options.size ? [Math.max(score - parameters.length, 0.1), sources] : [0, []]
}

/** How well a kind of value fits a parameter: 0 not at all, 3 exactly. */
function fits(p: Parameter, given: number): number {
  if (given === Given.Null) return p.optional ? 1 : 0
  if (given === Given.Reduction && p.kind === Kind.Int && p.name === 'reduction') return 3
  return p.list ? fitsList(p, given) : fitsOne(p.kind, given)
}

function fitsOne(kind: number, given: number): number {
  const isString = given >= Given.String && given <= Given.Reduction
  switch (kind) {
    case Kind.Tensor:
      return given === Given.Tensor ? 3 : 0
    case Kind.Int:
      return given === Given.BigInt ? 3 : given === Given.Number ? 2 : 0
    case Kind.Float:
      return given === Given.Number ? 2 : 0
    case Kind.Scalar:
      if (given === Given.Boolean) return 2
      return given === Given.Number || given === Given.BigInt || given === Given.Complex ? 3 : 0
    case Kind.Bool:
      return given === Given.Boolean ? 3 : 0
    case Kind.String:
      return isString ? 2 : 0
    case Kind.Device:
      return given === Given.Device ? 3 : 0
    case Kind.DType:
      return given === Given.DType ? 3 : 0
    case Kind.Layout:
      return given === Given.Layout ? 3 : 0
    case Kind.MemoryFormat:
      return given === Given.MemoryFormat ? 3 : 0
    default:
      return 0
  }
}

function fitsList(p: Parameter, given: number): number {
  if (given === Given.EmptyArray) return 2
  switch (p.kind) {
    case Kind.Tensor:
      if (given === Given.Tensors) return 3
      return given === Given.TensorsOrNull && p.optionalElements ? 3 : 0
    case Kind.Int:
      return given === Given.Numbers ? 3 : given === Given.Number && p.length > 0 ? 1 : 0
    case Kind.Float:
    case Kind.Scalar:
      return given === Given.Numbers ? 2 : given === Given.Number && p.length > 0 ? 1 : 0
    case Kind.Bool:
      return given === Given.Booleans ? 3 : given === Given.Boolean && p.length > 0 ? 1 : 0
    case Kind.String:
      return given === Given.Strings ? 3 : 0
    default:
      return 0
  }
}
