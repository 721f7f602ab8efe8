/**
 * Validates untrusted input against a schema and reports all errors at once, in terms that a client's author can act on:
 * `temperature must be at most 2, got 3`.
 */

import type { z } from 'zod'
import { unknownFields } from './unknown-fields.ts'

export interface Issue {
  /** The field as the client spells it: `messages[0].content`. Empty if the whole body is invalid. */
  readonly param: string
  /** A sentence without its subject: `must be a number, got "hot"`. */
  readonly message: string
}

export type Parsed<T> =
  /** `unknown`: fields that are not in the schema, spelled like `param`. */
  | { readonly ok: true; readonly value: T; readonly unknown: readonly string[] }
  | { readonly ok: false; readonly issues: readonly Issue[] }

type ZodIssue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

/**
 * Maximum number of values in a body, including nested ones: a schema takes seconds for the million that fit into a few
 * megabytes.
 *
 * @internal
 */
export const maxValues = 32_768

/**
 * Maximum nesting depth: parsers recurse per level.
 *
 * @internal
 */
export const maxDepth = 256

/** In a body with more values, an array is checked up to its first invalid item: reporting thousands of errors takes long. */
const maxValuesForAll = 1024

/**
 * `uncounted`: a field exempt from the size limit because its schema parses it by hand.
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
  const measured = sizeOf(input, uncounted)
  if (typeof measured === 'string') return { ok: false, issues: [{ param: '', message: measured }] }
  const result = schema.safeParse(input, { abortEarly: measured > maxValuesForAll } as object)
  if (result.success) return { ok: true, value: result.data, unknown: unknownFields(schema, input) }
  const issues = result.error.issues
    .flatMap((issue) => leaves(issue, []))
    .map((leaf) => describe(leaf, input))
  return { ok: false, issues }
}

/**
 * Describes how a value exceeds the size limits.
 *
 * @internal
 */
export function excessOf(input: unknown): string | undefined {
  const measured = sizeOf(input)
  return typeof measured === 'string' ? measured : undefined
}

/** The number of values, or how they exceed the limits. */
function sizeOf(input: unknown, uncounted?: string): number | string {
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
  return count
}

interface Leaf {
  readonly issue: ZodIssue
  readonly path: Path
}

/** Reports a failed union through the branch that matched furthest, or with its own message if none did. */
function leaves(issue: ZodIssue, prefix: Path): Leaf[] {
  const path = [...prefix, ...issue.path]
  if (issue.code !== 'invalid_union') return [{ issue, path }]
  const branches = issue.errors.map((branch) => branch.flatMap((inner) => leaves(inner, path)))
  const deepest = branches
    .filter((branch) => branch.every((leaf) => leaf.path.length > path.length))
    .sort((a, b) => a.length - b.length)[0]
  return deepest === undefined || deepest.length === 0 ? [{ issue, path }] : deepest
}

function describe({ issue, path }: Leaf, input: unknown): Issue {
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

function requirement(issue: ZodIssue): string {
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
