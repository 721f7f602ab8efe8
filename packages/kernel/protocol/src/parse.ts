/**
 * Runs a schema over untrusted input and says everything that is wrong with it at once, in words a client's author can
 * act on: `temperature must be at most 2, got 3`. Knows nothing of any particular schema.
 */

import type { z } from 'zod'
import { unknownFields } from './unknown-fields.ts'

export interface Fault {
  /** The field, as the client spells it: `messages[0].content`. Empty when the whole body is at fault. */
  readonly param: string
  /** A sentence without its subject: `must be a number, got "hot"`. */
  readonly message: string
}

export type Parsed<T> =
  /** `unknown` are the fields that the schema does not have, spelled like `param`. */
  | { readonly ok: true; readonly value: T; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly faults: readonly Fault[] }

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/** Most values in a body, nested ones counted: a schema takes seconds over the million that fit in a few megabytes. */
const maxValues = 32_768

/** How deep they may lie in each other: what reads them calls itself for each level. */
const maxDepth = 256

/**
 * `uncounted` names a field that may be longer because its schema reads it by hand.
 *
 * @example
 * ```ts
 * import { chatRequestSchema, parse } from '@hadal/protocol'
 *
 * const parsed = parse(chatRequestSchema, { messages: [{ role: 'user', content: 'Hi' }], temprature: 1 })
 * parsed.ok // → true
 * parsed.ok ? parsed.unknown : [] // → [ 'temprature' ]
 * ```
 */
export function parse<T>(schema: z.ZodType<T>, input: unknown, uncounted?: keyof T & string): Parsed<T> {
  const excess = excessOf(input, uncounted)
  if (excess !== undefined) return { ok: false, faults: [{ param: '', message: excess }] }
  const result = schema.safeParse(input)
  if (result.success) return { ok: true, value: result.data, unknown: unknownFields(schema, input) }
  const faults = result.error.issues
    .flatMap((issue) => leaves(issue, []))
    .map((leaf) => describe(leaf, input))
  return { ok: false, faults }
}

/**
 * What is wrong with the size of a value, in the words of a fault.
 *
 * @internal
 */
export function excessOf(input: unknown, uncounted?: string): string | undefined {
  let count = 0
  let level: unknown[] = [input]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) return `must nest at most ${maxDepth} levels deep`
    const next: unknown[] = []
    for (const parent of level) {
      if (typeof parent !== 'object' || parent === null) continue
      const keys = Object.keys(parent)
      count += keys.length
      if (count > maxValues) return `must hold at most ${maxValues} values`
      for (const key of keys)
        if (parent !== input || key !== uncounted) next.push((parent as Record<string, unknown>)[key])
    }
    level = next
  }
  return undefined
}

interface Leaf {
  readonly issue: Issue
  readonly path: Path
}

/** A failed union is explained by the branch that came furthest into the value; by its own message when none did. */
function leaves(issue: Issue, prefix: Path): Leaf[] {
  const path = [...prefix, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ issue, path }]
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => leaves(inner, path)))
  const deepest = branches
    .filter((branch) => branch.every((leaf) => leaf.path.length > path.length))
    .sort((a, b) => a.length - b.length)[0]
  return deepest === undefined || deepest.length === 0 ? [{ issue, path }] : deepest
}

function describe({ issue, path }: Leaf, input: unknown): Fault {
  const value = path.reduce<unknown>((parent, key) => (parent as Record<PropertyKey, unknown>)?.[key], input)
  const param = spell(path)
  if (value === undefined) return { param, message: 'is required' }
  const rule = requirement(issue)
  const got = issue.code === 'invalid_key' ? path.at(-1) : value
  return { param, message: issue.code === 'custom' ? rule : `${rule}, got ${show(got)}` }
}

/** `['messages', 0, 'content']` to `messages[0].content`. */
const spell = (path: Path): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  )

function requirement(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`
    case 'too_big':
      return `must be ${issue.inclusive === false ? 'below' : 'at most'} ${size(issue.maximum, issue.origin)}`
    case 'too_small':
      if (issue.origin === 'array' || issue.origin === 'string')
        return Number(issue.minimum) === 1
          ? 'must not be empty'
          : `must have at least ${size(issue.minimum, issue.origin)}`
      return `must be ${issue.inclusive === false ? 'above' : 'at least'} ${issue.minimum}`
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`
    case 'invalid_key':
      return 'must be a token id written in digits'
    default:
      return issue.message
  }
}

const size = (limit: number | bigint, origin: string): string =>
  origin === 'array'
    ? `${limit} items long`
    : origin === 'string'
      ? `${limit} characters long`
      : String(limit)

const article = (type: string): string =>
  type === 'int'
    ? 'an integer'
    : `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type === 'record' ? 'object' : type}`

/** A value as JSON, short enough for an error message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `an array of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = JSON.stringify(value)
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`
}
