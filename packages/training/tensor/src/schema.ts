/** An operator's overloads as the loaded library describes them. Read once per operator, at its first call. */

import type { RawOverload } from './native.ts'

/** The numbers are shared with native/operator.h. */
export const Kind = {
  Tensor: 1,
  Int: 2,
  Float: 3,
  Bool: 4,
  Scalar: 5,
  String: 6,
  Device: 7,
  DType: 8,
  Layout: 9,
  MemoryFormat: 10,
  Generator: 11,
} as const

export interface Parameter {
  /** As the schema spells it. */
  readonly name: string
  /** As options spell it. */
  readonly key: string
  readonly kind: number
  readonly list: boolean
  readonly optional: boolean
  readonly optionalElements: boolean
  readonly keywordOnly: boolean
  readonly out: boolean
  readonly hasDefault: boolean
  /** Length of a list that a single number may stand for: `int[2]`. */
  readonly length: number
}

export interface Result {
  readonly kind: number
  readonly list: boolean
  /** The argument that this result is, or -1. */
  readonly argument: number
}

export interface Overload {
  readonly index: number
  readonly name: string
  readonly schema: string
  readonly parameters: readonly Parameter[]
  readonly results: readonly Result[]
}

/** `log_softmax` -> `logSoftmax`; underscores at either end stay. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

export function readOverloads(raw: readonly RawOverload[]): Overload[] {
  const overloads = raw.filter(([, name]) => !isNamedTensor(name)).map(readOverload)
  // Simple ones first: among overloads that fit equally well, the first is taken.
  return overloads.sort(
    (a, b) => a.parameters.length - b.parameters.length || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  )
}

/** Overloads for named dimensions take strings where the boxed call needs interned names. */
function isNamedTensor(overload: string): boolean {
  return /name/i.test(overload)
}

function readOverload([index, name, schema, parameters, results]: RawOverload): Overload {
  const read: Parameter[] = []
  for (let i = 0; i < parameters.length; i += 4) {
    const flags = parameters[i + 2] as number
    const spelling = parameters[i] as string
    read.push({
      name: spelling,
      key: camelCase(spelling),
      kind: parameters[i + 1] as number,
      list: (flags & 1) !== 0,
      optional: (flags & 2) !== 0,
      optionalElements: (flags & 4) !== 0,
      keywordOnly: (flags & 8) !== 0,
      out: (flags & 32) !== 0,
      hasDefault: (flags & 64) !== 0,
      length: parameters[i + 3] as number,
    })
  }
  const returned: Result[] = []
  for (let i = 0; i < results.length; i += 3) {
    returned.push({ kind: results[i]!, list: results[i + 1] === 1, argument: results[i + 2]! })
  }
  return { index, name, schema, parameters: read, results: returned }
}
