/** Parsed keywords of a schema object, with valid types; absent ones do not constrain. */

import { type NumberBounds, unbounded } from '../language/number-bounds.ts'
import type { Place } from './schema-document.ts'

/** JSON types; integers are numbers with `NumberBounds.integer`. */
export type JsonType = 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'

export const jsonTypes: readonly JsonType[] = ['object', 'array', 'string', 'number', 'boolean', 'null']

/** Places refer to subschemas. Absent keywords do not constrain. */
export interface Keywords {
  readonly pointer: string
  types?: readonly JsonType[]
  /** Types the keywords apply to, for example strings for `minLength`. */
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
  /** Absent if unspecified. */
  minItems?: number
  maxItems: number
  uniqueItems: boolean

  pattern?: string
  format?: string
  minLength: number
  maxLength: number

  bounds: NumberBounds
  multipleOf?: number

  /** All must hold: `$ref` and `allOf`. */
  readonly also: Place[]
  /** At least one of each list must hold. */
  readonly anyOf: Place[][]
  /** Exactly one must hold. */
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
