/** One setting of a run, which is a row of the table of settings without the name that its place gives it. */

import { type Kind, optional } from '../kinds.ts'
import type { Setting } from '../setting.ts'

/** Undefined is what nobody said: then the recipe's value holds. */
export type Said<T> = T | undefined

export type Row<T> = Omit<Setting<Said<T>>, 'flag' | 'env' | 'default'> & { readonly value: string }

export type Rows<T> = { readonly [K in keyof T]-?: Row<NonNullable<T[K]>> }

const units: ReadonlySet<string> = new Set(['steps', 'windows', 'passes', 'threads'])

/** `value` is what stands after the flag; `usual` what a run has that says nothing. */
export function row<T>(
  group: Setting<T>['group'],
  value: string,
  kind: Kind<T>,
  doc: string,
  usual: string = 'none',
): Row<T> {
  return { group, value, kind: optional(kind), doc, unit: units.has(value) ? value : null, defaultDoc: usual }
}
