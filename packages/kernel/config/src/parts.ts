/**
 * A setting that is an object: one table of its parts defines its kind, its defaults, its rows on the reference page and its
 * types.
 */

import { z } from 'zod'
import type { Kind } from './kinds.ts'
import { readNested } from './nested.ts'
import { describeDefault, type Part } from './setting.ts'

export interface PartRow<V> {
  readonly kind: Kind<V>
  readonly default: V
  /** Documents a default that is decided later or is not a value. */
  readonly defaultDoc?: string
  readonly doc: string
}

export type PartsTable<T> = { readonly [K in keyof T]-?: PartRow<T[K]> }

/** The object if nothing is given. */
export function defaultsOf<T>(table: PartsTable<T>): T {
  const rows = Object.entries<PartRow<unknown>>(table)
  return Object.fromEntries(rows.map(([name, row]) => [name, row.default])) as T
}

/** Its rows on the reference page. */
export function partsOf<T>(table: PartsTable<T>): readonly Part[] {
  const rows = Object.entries<PartRow<unknown>>(table)
  return rows.map(([name, row]) => ({
    name,
    doc: row.doc,
    expected: row.kind.expected,
    default: row.default === undefined ? (row.defaultDoc ?? '') : describeDefault(row),
  }))
}

/**
 * Reads an object with optional parts and fills in the defaults. `place` is the setting's name; `check` validates the parts
 * together.
 */
export function partsKind<T>(
  table: PartsTable<T>,
  place: string,
  check: (value: T) => readonly string[] = () => [],
): Kind<T> {
  const kinds = Object.fromEntries(
    Object.entries<PartRow<unknown>>(table).map(([name, row]) => [name, row.kind]),
  )
  const read = (given: unknown): { readonly value: T; readonly issues: readonly string[] } => {
    const { values, issues } = readNested(given, kinds, place)
    const value = { ...defaultsOf(table), ...values } as T
    return { value, issues: issues.length > 0 ? issues : check(value) }
  }
  return {
    schema: z.unknown().transform((given, context) => {
      const { value, issues } = read(given)
      for (const issue of issues) context.addIssue({ code: 'custom', message: issue })
      return value
    }),
    expected: 'an object with any of the keys below; in the variable as JSON',
    read: asJson,
    issues: (given) => read(given).issues,
    show: (value) => JSON.stringify(saidOf(table, value)),
  }
}

/** The parts that differ from their defaults. */
function saidOf<T>(table: PartsTable<T>, value: T): Partial<T> {
  const rows = Object.entries<PartRow<unknown>>(table)
  const said = rows.filter(
    ([name, row]) => JSON.stringify(value[name as keyof T]) !== JSON.stringify(row.default),
  )
  return Object.fromEntries(said.map(([name]) => [name, value[name as keyof T]])) as Partial<T>
}

/** Text that is not JSON is returned unchanged, and then rejected as not an object. */
export function asJson(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}
