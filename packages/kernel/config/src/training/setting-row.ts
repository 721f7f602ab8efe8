/** A setting of a run: a row of the settings table without its name, which is derived from its position. */

import { type Kind, optional } from '../kinds.ts'
import type { Setting } from '../setting.ts'

/** Undefined if not given: the recipe's value applies. */
export type Said<T> = T | undefined

export type Row<T> = Omit<Setting<Said<T>>, 'flag' | 'env' | 'default'> & { readonly value: string }

export type Rows<T> = { readonly [K in keyof T]-?: Row<NonNullable<T[K]>> }

const units: ReadonlySet<string> = new Set(['steps', 'windows', 'passes', 'threads'])

/** `value` is the flag's placeholder; `usual` describes the default. */
export function row<T>(
  group: Setting<T>['group'],
  value: string,
  kind: Kind<T>,
  doc: string,
  usual: string = 'none',
): Row<T> {
  return { group, value, kind: optional(kind), doc, unit: units.has(value) ? value : null, defaultDoc: usual }
}
