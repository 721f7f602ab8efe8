/** How an argument is written where it stands between tags, by what its schema says of it. */

import { isPlainObject } from '@hadal/base'

/**
 * `text`: as it is. `string`: as it is, or as a JSON string where only that can be held to the schema. `json`: as JSON.
 * Anything that is no JSON is a string in the end.
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

/** The texts an argument may be, where its schema lists them. */
export function texts(schema: unknown): readonly string[] | undefined {
  if (!isPlainObject(schema)) return undefined
  const listed = 'const' in schema ? [schema.const] : schema.enum
  if (!Array.isArray(listed) || listed.length === 0) return undefined
  const only = Object.keys(schema).every((keyword) => keyword === 'type' || !narrowing.includes(keyword))
  return only && listed.every((each): each is string => typeof each === 'string') ? listed : undefined
}

/** The schemas of a tool's arguments, by name; undefined where any may come. */
export function propertiesOf(parameters: unknown): Readonly<Record<string, unknown>> | undefined {
  return isPlainObject(parameters) && isPlainObject(parameters.properties) ? parameters.properties : undefined
}

export function propertyOf(parameters: unknown, name: string): unknown {
  const properties = propertiesOf(parameters)
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}
