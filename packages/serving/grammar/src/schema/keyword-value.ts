/** Validates keyword values; invalid ones make the schema invalid, with their location. */

import { isPlainObject } from '@hadal/base'
import { schemaInvalid } from '../errors.ts'
import type { Keywords } from './keywords.ts'
import { describe, type Place, type SchemaDocument } from './schema-document.ts'

/** A keyword to be read into `out`. */
export interface Reading {
  readonly out: Keywords
  readonly place: Place
  readonly document: SchemaDocument
  readonly keyword: string
  readonly value: unknown
  readonly pointer: string
}

export function member(place: Place, keyword: string): unknown {
  return typeof place.schema !== 'boolean' && Object.hasOwn(place.schema, keyword)
    ? place.schema[keyword]
    : undefined
}

export function arrayOf({ value, pointer }: Reading): readonly unknown[] {
  if (!Array.isArray(value)) throw schemaInvalid(pointer, `an array is needed, not ${describe(value)}`)
  return value
}

export function textOf({ value, pointer }: Reading): string {
  if (typeof value !== 'string') throw schemaInvalid(pointer, `a string is needed, not ${describe(value)}`)
  return value
}

export function numberOf({ value, pointer }: Reading): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw schemaInvalid(pointer, `a number is needed, not ${describe(value)}`)
  return value
}

export function countOf(reading: Reading): number {
  const value = numberOf(reading)
  if (!Number.isInteger(value) || value < 0)
    throw schemaInvalid(reading.pointer, `a whole number from 0 on is needed, not ${value}`)
  return value
}

export function schemasOf(reading: Reading, mayBeEmpty = false): Place[] {
  const { document, place, keyword, pointer } = reading
  const schemas = arrayOf(reading)
  if (schemas.length === 0 && !mayBeEmpty) throw schemaInvalid(pointer, 'it lists at least one schema')
  return schemas.map((_, index) => document.child(place, keyword, index))
}

export function schemasByName({ document, place, keyword, value, pointer }: Reading): [string, Place][] {
  if (!isPlainObject(value)) throw schemaInvalid(pointer, `an object is needed, not ${describe(value)}`)
  return Object.keys(value).map((name) => [name, document.child(place, keyword, name)])
}
