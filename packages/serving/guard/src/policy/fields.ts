/** Field types of a policy: validation, and the description of what was expected. Collects every issue with its path. */

import { isPlainObject, nearest, parseMillis } from '@hadal/base'

export interface Field<T> {
  /** Completes "is not ...". */
  readonly expected: string
  /** The parsed value; undefined if invalid, with the issue added to `issues`. */
  read(given: unknown, place: string, issues: string[]): T | undefined
}

/** Fields of an object. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<NonNullable<T[K]>> }

function simple<T>(expected: string, parse: (given: unknown) => T | undefined): Field<T> {
  return {
    expected,
    read(given, place, issues) {
      const value = parse(given)
      if (value === undefined) issues.push(`${place}: ${shown(given)} is not ${expected}`)
      return value
    },
  }
}

export const flag: Field<boolean> = simple('true or false', (given) =>
  typeof given === 'boolean' ? given : undefined,
)

export const text: Field<string> = simple('a non-empty string', (given) =>
  typeof given === 'string' && given !== '' ? given : undefined,
)

export function wholeNumber(least: number, most: number): Field<number> {
  return simple(`a whole number from ${least} to ${most}`, (given) =>
    Number.isInteger(given) && (given as number) >= least && (given as number) <= most
      ? (given as number)
      : undefined,
  )
}

/** Bounds are inclusive. */
export function number(least: number, most: number): Field<number> {
  return simple(`a number from ${least} to ${most}`, (given) =>
    typeof given === 'number' && given >= least && given <= most ? given : undefined,
  )
}

/** Longer timers fire immediately. */
const longestTimerMillis = 2 ** 31 - 1

export function millis(least: number, most: number = longestTimerMillis): Field<number> {
  return simple(
    `a duration such as 30s from ${least} ms to ${most} ms, or a number of milliseconds`,
    (given) => {
      const value = typeof given === 'string' ? orNothing(() => parseMillis(given)) : given
      return typeof value === 'number' && value >= least && value <= most ? value : undefined
    },
  )
}

function orNothing<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

/** Suggests the closest allowed word. */
export function oneOf<const T extends string>(choices: readonly T[]): Field<T> {
  const expected = `one of ${choices.join(', ')}`
  return {
    expected,
    read(given, place, issues) {
      const found = choices.find((choice) => choice === given)
      if (found === undefined)
        issues.push(
          `${place}: ${shown(given)} is not ${expected}${typeof given === 'string' ? meant(given, choices) : ''}`,
        )
      return found
    },
  }
}

export function listOf<T>(item: Field<T>): Field<readonly T[]> {
  const expected = `a list, each ${item.expected}`
  return {
    expected,
    read(given, place, issues) {
      if (!Array.isArray(given)) {
        issues.push(`${place}: ${shown(given)} is not ${expected}`)
        return undefined
      }
      return given.flatMap((each, at) => item.read(each, `${place}[${at}]`, issues) ?? [])
    },
  }
}

/** An object with the keys of `table`; all are optional except `needed`. */
export function objectOf<T extends object>(
  fields: () => Fields<T>,
  what: string,
  needed: readonly (keyof T & string)[] = [],
): Field<Partial<T>> {
  return {
    expected: 'an object',
    read(given, place, issues) {
      if (!isPlainObject(given)) {
        issues.push(`${place} must be an object, got ${shown(given)}`)
        return undefined
      }
      const table = fields() as Readonly<Record<string, Field<unknown>>>
      const values: Record<string, unknown> = {}
      for (const [key, value] of Object.entries(given)) {
        if (value === undefined) continue
        const field = Object.hasOwn(table, key) ? table[key] : undefined
        if (field === undefined)
          issues.push(`${place}: unknown ${what} ${key}${meant(key, Object.keys(table))}`)
        else values[key] = field.read(value, `${place}.${key}`, issues)
      }
      for (const key of needed) if (given[key] === undefined) issues.push(`${place}: ${key} is missing`)
      return values as Partial<T>
    },
  }
}

/** An object with arbitrary keys: name patterns. */
export function recordOf<T>(value: Field<T>): Field<Readonly<Record<string, T>>> {
  return {
    expected: `an object whose values are each ${value.expected}`,
    read(given, place, issues) {
      if (!isPlainObject(given)) {
        issues.push(`${place} must be an object, got ${shown(given)}`)
        return undefined
      }
      const read = Object.entries(given).flatMap(([key, each]) => {
        const one = value.read(each, `${place}[${JSON.stringify(key)}]`, issues)
        return one === undefined ? [] : [[key, one] as const]
      })
      return Object.fromEntries(read)
    },
  }
}

/** `false` disables it. */
export function orOff<T>(field: Field<T>): Field<T | false> {
  return {
    expected: `${field.expected}, or false`,
    read: (given, place, issues) => (given === false ? false : field.read(given, place, issues)),
  }
}

/** An object with a shorthand word, which `long` expands. */
export function orWord<T>(field: Field<T>, word: Field<string>, long: (word: string) => unknown): Field<T> {
  return {
    expected: `${word.expected}, or ${field.expected}`,
    read(given, place, issues) {
      if (typeof given !== 'string') return field.read(given, place, issues)
      const read = word.read(given, place, issues)
      return read === undefined ? undefined : field.read(long(read), place, issues)
    },
  }
}

const longestShown = 100

function shown(value: unknown): string {
  const written = orNothing(() => JSON.stringify(value)) ?? String(value)
  return written.length > longestShown ? `${written.slice(0, longestShown)}...` : written
}

function meant(key: string, known: readonly string[]): string {
  const suggestion = nearest(key, known)
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`
}
