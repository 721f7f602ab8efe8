/**
 * Reads an object within a setting by a table of its fields: reports each error with its location, and suggestions for unknown
 * fields.
 */

import { nearest } from '@hadal/base'
import type { Kind } from './kinds.ts'
import { redact, redactField, redactText } from './redact.ts'

/** The allowed fields, each with its kind. */
export type NestedKinds = Readonly<Record<string, Kind<unknown>>>

export interface Nested {
  readonly values: Readonly<Record<string, unknown>>
  readonly issues: readonly string[]
}

/** All `known` fields are optional except `needed`. `place` is the path of the object, `models[0]`. */
export function readNested(
  given: unknown,
  known: NestedKinds,
  place: string,
  needed: readonly string[] = [],
): Nested {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { values: {}, issues: [`${place} must be an object, got ${shown(redact(given))}`] }
  const values: Record<string, unknown> = {}
  const issues: string[] = []
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined) continue
    const kind = Object.hasOwn(known, key) ? known[key] : undefined
    if (kind === undefined)
      issues.push(`${place}: unknown field ${redactText(key)}${meant(key, Object.keys(known))}`)
    else {
      const read = typeof value === 'string' ? kind.read(value) : value
      const { success, data } = kind.schema.safeParse(read)
      if (success) values[key] = data
      else if (kind.issues !== undefined) issues.push(...kind.issues(read))
      else issues.push(`${place}.${key}: ${shown(redactField(key, value))} is not ${kind.expected}`)
    }
  }
  for (const key of needed)
    if ((given as Record<string, unknown>)[key] === undefined) issues.push(`${place}: ${key} is missing`)
  return { values, issues }
}

const longestShown = 200

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > longestShown ? `${text.slice(0, longestShown)}...` : text
}

function meant(key: string, known: readonly string[]): string {
  const suggestion = nearest(key, known)
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`
}
