/**
 * Walks a manifest as typed values: containers are found wherever they occur. Rules are written for a type (`V1Container`), not for
 * a kind.
 */

import { isPlainObject } from '@hadal/base'
import type { LintObject, Path } from '@hadal/fleet'
import { fieldsOf, kindSchema, type ValueSchema } from '../schemas/schema-table.ts'

export type Fields = Readonly<Record<string, unknown>>

/** One object inside of a manifest, or the manifest itself. */
export interface Place {
  readonly type: string
  readonly value: Fields
  readonly path: Path
  /** The object that holds it; undefined for the manifest. */
  readonly above: Place | undefined
  readonly root: LintObject
}

const walked = new WeakMap<LintObject, readonly Place[]>()

/** Every object of the manifest with a known type, top-down. Empty for unknown kinds. */
export function placesOf(object: LintObject): readonly Place[] {
  const known = walked.get(object)
  if (known !== undefined) return known
  const places: Place[] = []
  const { apiVersion, kind } = object.manifest
  const schema = kindSchema(apiVersion, kind)
  if (schema !== undefined) enter(schema.type, object.manifest, [], undefined)
  walked.set(object, places)
  return places

  function enter(type: string, value: Fields, path: Path, above: Place | undefined): void {
    const place = { type, value, path, above, root: object }
    places.push(place)
    for (const [name, field] of fieldsOf(type)) {
      // Own fields only: `constructor` is inherited.
      if (Object.hasOwn(value, name)) look(field.type, value[name], [...path, name], place)
    }
  }

  function look(schema: ValueSchema, value: unknown, path: Path, above: Place): void {
    if (schema.is === 'object') {
      if (isPlainObject(value)) enter(schema.type, value, path, above)
    } else if (schema.is === 'list') {
      listOf(value).forEach((item, index) => {
        look(schema.of, item, [...path, index], above)
      })
    } else if (schema.is === 'map' && isPlainObject(value))
      for (const [key, one] of Object.entries(value)) look(schema.of, one, [...path, key], above)
  }
}

/** The nearest object above of that type. */
export function aboveOf(place: Place, type: string): Place | undefined {
  for (let at = place.above; at !== undefined; at = at.above) if (at.type === type) return at
  return undefined
}

/** The object there, or an empty one: the schema check reports other types. */
export const fieldsIn = (value: unknown): Fields => (isPlainObject(value) ? value : {})

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Objects of a list with their places in it. */
export function itemsOf(value: unknown): (readonly [index: number, item: Fields])[] {
  return listOf(value).flatMap((item, index) => (isPlainObject(item) ? [[index, item] as const] : []))
}

/** Whether a field is set: an API server treats an empty string as unset. */
export const isSaid = (value: unknown): boolean => value !== undefined && value !== null && value !== ''

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined
