/**
 * The keywords of one schema object, read and checked: each has the right type, or the schema is invalid; each is one that
 * can be enforced or that says nothing about values, or the schema is refused. Nothing passes unread.
 */

import { schemaInvalid, schemaUnsupported } from '../errors.ts'
import { numberFormats } from '../language/number-formats.ts'
import { type NumberBounds, unbounded } from '../language/number-language.ts'
import { readAnnotation } from './annotations.ts'
import { describe, escapeSegment, isRecord, type Place, type SchemaDocument } from './schema-document.ts'

/** What JSON values are; integers are numbers with `NumberBounds.integer`. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export const jsonTypes: readonly JsonType[] = ['object', 'array', 'string', 'number', 'boolean', 'null']

/** Places are of subschemas. What is absent demands nothing. */
export interface Keywords {
  readonly pointer: string
  types?: readonly JsonType[]
  /** What the keywords are about: `minLength` about strings, for one. */
  readonly about: Set<JsonType>
  values?: readonly unknown[]

  readonly properties: Map<string, Place>
  readonly patternProperties: Map<string, Place>
  additionalProperties?: Place
  unevaluatedProperties?: Place
  propertyNames?: Place
  required: readonly string[]
  minProperties: number
  maxProperties: number

  prefixItems: readonly Place[]
  items?: Place
  unevaluatedItems?: Place
  /** Absent where the schema does not say. */
  minItems?: number
  maxItems: number
  uniqueItems: boolean

  pattern?: string
  format?: string
  minLength: number
  maxLength: number

  bounds: NumberBounds
  multipleOf?: number

  /** All of these hold too: `$ref` and `allOf`. */
  readonly also: Place[]
  /** Of each list, at least one holds. */
  readonly anyOf: Place[][]
  /** Exactly one holds. */
  oneOf?: Place[]
  discriminator?: string
  not?: Place
}

export function noKeywords(pointer: string): Keywords {
  return {
    pointer,
    about: new Set(),
    properties: new Map(),
    patternProperties: new Map(),
    required: [],
    minProperties: 0,
    maxProperties: Number.POSITIVE_INFINITY,
    prefixItems: [],
    maxItems: Number.POSITIVE_INFINITY,
    uniqueItems: false,
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    bounds: unbounded,
    also: [],
    anyOf: [],
  }
}

/** Throws `schema_invalid` and `schema_unsupported`. */
export function readKeywords(document: SchemaDocument, place: Place): Keywords {
  const out = noKeywords(place.pointer)
  if (typeof place.schema === 'boolean') {
    if (!place.schema) out.values = []
    return out
  }
  for (const [keyword, value] of Object.entries(place.schema)) {
    if (value === undefined) continue
    const reader = readers.get(keyword)
    if (reader === undefined) readAnnotation(place, keyword, value)
    else {
      if (reader.about !== undefined) out.about.add(reader.about)
      reader.read({
        out,
        place,
        document,
        keyword,
        value,
        pointer: `${place.pointer}/${escapeSegment(keyword)}`,
      })
    }
  }
  return out
}

interface Reading {
  readonly out: Keywords
  readonly place: Place
  readonly document: SchemaDocument
  readonly keyword: string
  readonly value: unknown
  readonly pointer: string
}

type Read = (reading: Reading) => void

const readers = new Map<string, { readonly about?: JsonType; readonly read: Read }>()
const define = (about: JsonType | undefined, all: Readonly<Record<string, Read>>): void => {
  for (const [keyword, read] of Object.entries(all))
    readers.set(keyword, about === undefined ? { read } : { about, read })
}

define(undefined, {
  type: readTypes,
  nullable: ({ out, value, pointer, place }) => {
    if (typeof value !== 'boolean')
      throw schemaInvalid(pointer, `a boolean is needed, not ${describe(value)}`)
    if (value && member(place, 'type') === undefined)
      throw schemaInvalid(pointer, 'it has to stand beside a type')
    if (value && out.types !== undefined) out.types = [...new Set<JsonType>([...out.types, 'null'])]
  },
  enum: (reading) => addValues(reading.out, arrayOf(reading)),
  const: ({ out, value }) => addValues(out, [value]),
  $ref: (reading) => {
    reading.out.also.push(reading.document.resolve(reading.place, reading.keyword, textOf(reading)))
  },
  $dynamicRef: (reading) => {
    reading.out.also.push(reading.document.resolve(reading.place, reading.keyword, textOf(reading)))
  },
  $recursiveRef: (reading) => {
    reading.out.also.push(reading.document.resolve(reading.place, reading.keyword, textOf(reading)))
  },
  allOf: (reading) => void reading.out.also.push(...schemasOf(reading)),
  anyOf: (reading) => void reading.out.anyOf.push(schemasOf(reading)),
  oneOf: (reading) => {
    reading.out.oneOf = schemasOf(reading)
  },
  discriminator: ({ out, value, pointer }) => {
    const name = isRecord(value) ? value.propertyName : undefined
    if (typeof name !== 'string') throw schemaInvalid(pointer, 'it needs a propertyName')
    out.discriminator = name
  },
  not: ({ out, document, place }) => {
    out.not = document.child(place, 'not')
  },
  if: ({ place, pointer }) => {
    if (member(place, 'then') !== undefined || member(place, 'else') !== undefined)
      throw schemaUnsupported(pointer, 'conditions; anyOf can name the cases instead')
  },
})
for (const keyword of ['then', 'else']) readers.set(keyword, { read: nothingWithoutIf })

define('object', {
  properties: (reading) => {
    for (const [name, place] of schemasByName(reading)) reading.out.properties.set(name, place)
  },
  patternProperties: (reading) => {
    for (const [name, place] of schemasByName(reading)) reading.out.patternProperties.set(name, place)
  },
  additionalProperties: ({ out, document, place }) => {
    out.additionalProperties = document.child(place, 'additionalProperties')
  },
  unevaluatedProperties: ({ out, document, place }) => {
    out.unevaluatedProperties = document.child(place, 'unevaluatedProperties')
  },
  propertyNames: ({ out, document, place }) => {
    out.propertyNames = document.child(place, 'propertyNames')
  },
  required: (reading) => {
    const names = arrayOf(reading)
    if (!names.every((name) => typeof name === 'string'))
      throw schemaInvalid(reading.pointer, 'it lists names of properties')
    reading.out.required = names
  },
  minProperties: (reading) => {
    reading.out.minProperties = countOf(reading)
  },
  maxProperties: (reading) => {
    reading.out.maxProperties = countOf(reading)
  },
  dependentRequired: refuseUnlessEmpty,
  dependentSchemas: refuseUnlessEmpty,
  dependencies: refuseUnlessEmpty,
})

define('array', {
  items: (reading) => {
    if (!Array.isArray(reading.value)) reading.out.items = reading.document.child(reading.place, 'items')
    else {
      reading.out.prefixItems = schemasOf(reading, true)
      // Drafts before 2020-12: what follows a list of schemas.
      if (member(reading.place, 'additionalItems') !== undefined)
        reading.out.items = reading.document.child(reading.place, 'additionalItems')
    }
  },
  additionalItems: () => {},
  prefixItems: (reading) => {
    reading.out.prefixItems = schemasOf(reading, true)
  },
  unevaluatedItems: ({ out, document, place }) => {
    out.unevaluatedItems = document.child(place, 'unevaluatedItems')
  },
  minItems: (reading) => {
    reading.out.minItems = countOf(reading)
  },
  maxItems: (reading) => {
    reading.out.maxItems = countOf(reading)
  },
  uniqueItems: ({ out, value, pointer }) => {
    if (typeof value !== 'boolean')
      throw schemaInvalid(pointer, `a boolean is needed, not ${describe(value)}`)
    out.uniqueItems = value
  },
  contains: ({ place, pointer }) => {
    if (member(place, 'minContains') !== 0 || member(place, 'maxContains') !== undefined)
      throw schemaUnsupported(pointer, 'that some items are of a kind; items or prefixItems can say which')
  },
  minContains: (reading) => void countOf(reading),
  maxContains: (reading) => void countOf(reading),
})

define('string', {
  pattern: (reading) => {
    reading.out.pattern = textOf(reading)
  },
  minLength: (reading) => {
    reading.out.minLength = countOf(reading)
  },
  maxLength: (reading) => {
    reading.out.maxLength = countOf(reading)
  },
})

define(undefined, {
  format: (reading) => {
    const format = textOf(reading)
    reading.out.format = format
    reading.out.about.add(isNumberFormat(format) ? 'number' : 'string')
    if (isNumberFormat(format))
      reading.out.bounds = intersectBounds(reading.out.bounds, numberFormats[format]!)
  },
})

define('number', {
  minimum: (reading) =>
    addMin(reading, numberOf(reading), member(reading.place, 'exclusiveMinimum') === true),
  maximum: (reading) =>
    addMax(reading, numberOf(reading), member(reading.place, 'exclusiveMaximum') === true),
  // In draft 4 a boolean beside the bound.
  exclusiveMinimum: (reading) => {
    if (typeof reading.value !== 'boolean') addMin(reading, numberOf(reading), true)
  },
  exclusiveMaximum: (reading) => {
    if (typeof reading.value !== 'boolean') addMax(reading, numberOf(reading), true)
  },
  multipleOf: (reading) => {
    const value = numberOf(reading)
    if (value <= 0) throw schemaInvalid(reading.pointer, `it is greater than zero, not ${value}`)
    reading.out.multipleOf = value
  },
})

/** The tighter of both. */
export function intersectBounds(a: NumberBounds, b: NumberBounds): NumberBounds {
  const [low, high] = [a.min >= b.min ? a : b, a.max <= b.max ? a : b]
  return {
    integer: a.integer || b.integer,
    min: low.min,
    max: high.max,
    minExclusive: low.minExclusive || (a.min === b.min && b.minExclusive),
    maxExclusive: high.maxExclusive || (a.max === b.max && b.maxExclusive),
  }
}

function isNumberFormat(format: string): boolean {
  return Object.hasOwn(numberFormats, format)
}

function addMin({ out }: Reading, min: number, minExclusive: boolean): void {
  out.bounds = intersectBounds(out.bounds, { ...unbounded, min, minExclusive })
}

function addMax({ out }: Reading, max: number, maxExclusive: boolean): void {
  out.bounds = intersectBounds(out.bounds, { ...unbounded, max, maxExclusive })
}

function readTypes({ out, value, pointer, place }: Reading): void {
  const names: readonly unknown[] = Array.isArray(value) ? value : [value]
  const types = new Set<JsonType>()
  for (const name of names) {
    if (name === 'integer') types.add('number')
    else if (jsonTypes.includes(name as JsonType)) types.add(name as JsonType)
    else throw schemaInvalid(pointer, `there is no type ${describe(name)}`)
  }
  if (names.includes('integer') && !names.includes('number'))
    out.bounds = intersectBounds(out.bounds, { ...unbounded, integer: true })
  if (member(place, 'nullable') === true) types.add('null')
  out.types = [...types]
}

function nothingWithoutIf({ place, keyword }: Reading): void {
  if (member(place, 'if') === undefined) return
  throw schemaUnsupported(`${place.pointer}/${keyword}`, 'conditions; anyOf can name the cases instead')
}

function refuseUnlessEmpty({ value, pointer }: Reading): void {
  if (isRecord(value) && Object.keys(value).length === 0) return
  throw schemaUnsupported(pointer, 'properties that depend on others; anyOf can name the cases instead')
}

function addValues(out: Keywords, values: readonly unknown[]): void {
  out.values =
    out.values === undefined ? values : out.values.filter((a) => values.some((b) => sameJson(a, b)))
}

/** Equal as JSON Schema sees it: the order of members means nothing. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]))
  if (!isRecord(a) || !isRecord(b)) return a === b
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && sameJson(a[name], b[name]))
  )
}

function member(place: Place, keyword: string): unknown {
  return typeof place.schema !== 'boolean' && Object.hasOwn(place.schema, keyword)
    ? place.schema[keyword]
    : undefined
}

function arrayOf({ value, pointer }: Reading): readonly unknown[] {
  if (!Array.isArray(value)) throw schemaInvalid(pointer, `an array is needed, not ${describe(value)}`)
  return value
}

function textOf({ value, pointer }: Reading): string {
  if (typeof value !== 'string') throw schemaInvalid(pointer, `a string is needed, not ${describe(value)}`)
  return value
}

function numberOf({ value, pointer }: Reading): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw schemaInvalid(pointer, `a number is needed, not ${describe(value)}`)
  return value
}

function countOf(reading: Reading): number {
  const value = numberOf(reading)
  if (!Number.isInteger(value) || value < 0)
    throw schemaInvalid(reading.pointer, `a whole number from 0 on is needed, not ${value}`)
  return value
}

function schemasOf(reading: Reading, mayBeEmpty = false): Place[] {
  const { document, place, keyword, pointer } = reading
  const schemas = arrayOf(reading)
  if (schemas.length === 0 && !mayBeEmpty) throw schemaInvalid(pointer, 'it lists at least one schema')
  return schemas.map((_, index) => document.child(place, keyword, index))
}

function schemasByName({ document, place, keyword, value, pointer }: Reading): [string, Place][] {
  if (!isRecord(value)) throw schemaInvalid(pointer, `an object is needed, not ${describe(value)}`)
  return Object.keys(value).map((name) => [name, document.child(place, keyword, name)])
}
