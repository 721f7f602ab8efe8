/** The keywords of one schema object as they are once read: each of the right type, what is absent demanding nothing. */

import { type NumberBounds, unbounded } from '../language/number-bounds.ts'
import type { Place } from './schema-document.ts'

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
