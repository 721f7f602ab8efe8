/** Accessors for unvalidated manifest values: values of another type become undefined or empty. */

import { isPlainObject } from '@hadal/base'

export type Path = readonly (string | number)[]
export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields => (isPlainObject(value) ? (value as Fields) : {})

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

export const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** Value at a path; undefined if there is none. */
export function valueAt(value: unknown, ...path: Path): unknown {
  for (const step of path)
    value =
      typeof step === 'number'
        ? listOf(value)[step]
        : Object.hasOwn(fieldsOf(value), step)
          ? fieldsOf(value)[step]
          : undefined
  return value
}

export const textAt = (value: unknown, ...path: Path): string | undefined => textOf(valueAt(value, ...path))
export const listAt = (value: unknown, ...path: Path): readonly unknown[] => listOf(valueAt(value, ...path))
export const fieldsAt = (value: unknown, ...path: Path): Fields => fieldsOf(valueAt(value, ...path))
export const numberAt = (value: unknown, ...path: Path): number | undefined =>
  numberOf(valueAt(value, ...path))

/** String values of an object by key; others are omitted. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fieldsOf(value)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}

/** Lists of texts: `command`, `args`. */
export const wordsOf = (value: unknown): readonly string[] => listOf(value).map(String)

const suffixes: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
}

/** `500m`, `4`, `16Gi`, `1e3` as a number. */
export function quantityOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/.exec(
    textOf(value) ?? '',
  )
  return match === null ? undefined : Number(match[1]) * suffixes[match[2] ?? '']!
}

/** A count, or a percentage of `whole` such as `25%`, rounded as Kubernetes does for that field. */
export function countOf(value: unknown, whole: number, round: (count: number) => number): number | undefined {
  if (typeof value === 'number') return value
  const percent = /^(\d+)%$/.exec(textOf(value) ?? '')
  return percent === null ? undefined : round((Number(percent[1]) * whole) / 100)
}
