/** How a tagged argument is written, according to its schema. */

import { isPlainObject } from '@hadal/base'

/**
 * `text`: verbatim. `string`: verbatim, or a JSON string if the schema can only be enforced that way. `json`: JSON. Invalid JSON becomes a
 * string.
 */
export type ArgumentKind = 'text' | 'string' | 'json'

/** Held to in text only by way of JSON. */
const narrowing: readonly string[] = [
  'pattern',
  'format',
  'minLength',
  'maxLength',
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  '$ref',
]

export function argumentKind(schema: unknown): ArgumentKind {
  if (texts(schema) !== undefined) return 'text'
  if (!isPlainObject(schema) || schema.type !== 'string') return 'json'
  return narrowing.some((keyword) => keyword in schema) ? 'string' : 'text'
}

/** The allowed texts of an argument, if its schema lists them. */
export function texts(schema: unknown): readonly string[] | undefined {
  if (!isPlainObject(schema)) return undefined
  const listed = 'const' in schema ? [schema.const] : schema.enum
  if (!Array.isArray(listed) || listed.length === 0) return undefined
  const only = Object.keys(schema).every((keyword) => keyword === 'type' || !narrowing.includes(keyword))
  return only && listed.every((each): each is string => typeof each === 'string') ? listed : undefined
}

/** Schemas of a tool's arguments by name; undefined if any are allowed. */
export function propertiesOf(parameters: unknown): Readonly<Record<string, unknown>> | undefined {
  return isPlainObject(parameters) && isPlainObject(parameters.properties) ? parameters.properties : undefined
}

export function propertyOf(parameters: unknown, name: string): unknown {
  const properties = propertiesOf(parameters)
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}
