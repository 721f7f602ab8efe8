/**
 * Reads and validates the keywords of a schema object: the schema is invalid if a type is wrong, and rejected if a keyword can neither be
 * enforced nor ignored safely.
 */

import { isPlainObject } from '@hadal/base'
import { schemaInvalid, schemaUnsupported } from '../errors.ts'
import { intersectBounds, unbounded } from '../language/number-bounds.ts'
import { numberFormats } from '../language/number-formats.ts'
import { readAnnotation } from './annotations.ts'
import {
  arrayOf,
  countOf,
  member,
  numberOf,
  type Reading,
  schemasByName,
  schemasOf,
  textOf,
} from './keyword-value.ts'
import { type JsonType, jsonTypes, type Keywords, noKeywords } from './keywords.ts'
import { sameJson } from './same-json.ts'
import { describe, escapeSegment, type Place, type SchemaDocument } from './schema-document.ts'

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
    const name = isPlainObject(value) ? value.propertyName : undefined
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
      // Drafts before 2020-12: items after a list of schemas.
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
  // In draft 4, a boolean next to the bound.
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
  if (isPlainObject(value) && Object.keys(value).length === 0) return
  throw schemaUnsupported(pointer, 'properties that depend on others; anyOf can name the cases instead')
}

function addValues(out: Keywords, values: readonly unknown[]): void {
  out.values =
    out.values === undefined ? values : out.values.filter((a) => values.some((b) => sameJson(a, b)))
}
