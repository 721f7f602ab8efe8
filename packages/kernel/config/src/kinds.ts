/**
 * The kinds of setting values: validation, parsing of text from flags and environment variables, and descriptions of what was
 * expected.
 */

import { isIP } from 'node:net'
import { formatBytes, parseBytes, parseMillis } from '@hadal/base'
import { z } from 'zod'

export interface Kind<T> {
  readonly schema: z.ZodType<T>
  /** Completes "is not ..."; also the type column of the reference page. */
  readonly expected: string
  /** Converts text to what `schema` validates. If it cannot, returns something that `schema` rejects. */
  readonly read: (text: string) => unknown
  /** Text is a comma-separated list; repeated flags append to it. */
  readonly isList?: true
  /** Detailed errors for a value that `schema` rejects; otherwise `expected` describes the whole. */
  issues?(given: unknown): readonly string[]
  /** The text form for `read`, if `String` does not produce it. */
  show?(value: T): string
}

export const text: Kind<string> = {
  schema: z.string().min(1),
  expected: 'a non-empty string',
  read: (given) => given,
}

export const flag: Kind<boolean> = {
  schema: z.boolean(),
  expected: 'true or false',
  read: (given) => ({ true: true, false: false, 1: true, 0: false })[given.toLowerCase()] ?? given,
}

export const texts: Kind<readonly string[]> = {
  schema: z.array(z.string().min(1)).readonly(),
  expected: 'a list of strings, separated by commas',
  read: (given) => given.split(',').map((item) => item.trim()),
  isList: true,
}

/** Addresses and networks: `10.0.0.0/8`, `::1`, and the words `loopback` and `private`. */
export const addresses: Kind<readonly string[]> = {
  schema: z.array(z.string().refine(isAddressRange)).readonly(),
  expected:
    'a list of addresses or networks such as 10.1.2.3 or 10.0.0.0/8, or loopback or private, separated by commas',
  read: texts.read,
  isList: true,
}

function isAddressRange(given: string): boolean {
  if (given === 'loopback' || given === 'private') return true
  const [address = '', bits, ...more] = given.split('/')
  const version = isIP(address)
  if (version === 0 || address.includes('%') || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

/** Host names without a port. */
export const hostNameList: Kind<readonly string[]> = {
  schema: z.array(z.string().regex(/^(\*|[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i)).readonly(),
  expected: 'a list of host names without port, or *, separated by commas',
  read: texts.read,
  isList: true,
}

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): Kind<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  return {
    schema: z.int().min(least).max(most),
    expected: `a whole number ${range}`,
    read: (given) => (/^\s*-?\d+\s*$/.test(given) ? Number(given) : given),
  }
}

/** The same, or the word `auto`: decided at run time. */
export function wholeNumberOrAuto(least: number, most: number): Kind<number | 'auto'> {
  const whole = wholeNumber(least, most)
  return {
    schema: z.union([whole.schema, z.literal('auto')]),
    expected: `${whole.expected}, or auto`,
    read: (given) => (given.trim() === 'auto' ? 'auto' : whole.read(given)),
  }
}

/** Any number in a range, bounds included. */
export function number(least: number, most: number): Kind<number> {
  return {
    schema: z.number().min(least).max(most),
    expected: `a number from ${least} to ${most}`,
    read: (given) => (/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(given) ? Number(given) : given),
  }
}

/** Any number that satisfies `sound`; `expected` completes "is not". */
function numberThat(expected: string, sound: (value: number) => boolean): Kind<number> {
  return {
    ...number(-Number.MAX_VALUE, Number.MAX_VALUE),
    schema: z.number().refine(sound),
    expected,
  }
}

export const positive: Kind<number> = numberThat('a number above 0', (value) => value > 0)

export const notNegative: Kind<number> = numberThat('a number of at least 0', (value) => value >= 0)

/** A share below 1. */
export const share: Kind<number> = numberThat(
  'a number from 0 to below 1',
  (value) => value >= 0 && value < 1,
)

/** Numbers, all in a range, bounds included. */
export function numbers(least: number, most: number): Kind<readonly number[]> {
  const one = number(least, most)
  return {
    schema: z.array(one.schema).readonly(),
    expected: `a list of numbers from ${least} to ${most}, separated by commas`,
    read: (given) => given.split(',').map(one.read),
    isList: true,
  }
}

export function oneOf<const T extends string>(...choices: readonly T[]): Kind<T> {
  return { schema: z.enum(choices), expected: `one of ${choices.join(', ')}`, read: (given) => given }
}

/** Bytes; in text also with a unit, `64MiB`. */
export const bytes: Kind<number> = {
  schema: z.int().min(1),
  expected: 'a size such as 64MiB, or a number of bytes',
  read: (given) => orAsGiven(given, parseBytes),
}

/** Bytes, or none. */
export const sizeOrNone: Kind<number> = { ...bytes, schema: z.int().min(0) }

/** Bytes in a range, bounds included; in text also with a unit. */
export function sizeFrom(least: number, most: number): Kind<number> {
  return {
    ...bytes,
    schema: z.int().min(least).max(most),
    expected: `a size from ${formatBytes(least)} to ${formatBytes(most)}`,
  }
}

/** Node fires timers with a longer delay immediately. */
const longestTimerMillis = 2 ** 31 - 1

/** Milliseconds; in text also with a unit, `30s`. */
export const millis: Kind<number> = {
  schema: z.number().min(0).max(longestTimerMillis),
  expected: 'a duration such as 30s and at most 24.8d, or a number of milliseconds',
  read: (given) => orAsGiven(given, parseMillis),
}

/** Microseconds; in text also with a unit, `2ms`. */
export const micros: Kind<number> = {
  schema: z.int().min(0).max(10_000_000),
  expected: 'a duration such as 2ms and at most 10s, or a whole number of microseconds',
  read: (given) => orAsGiven(given, (duration) => Math.round(parseMillis(duration) * 1000)),
}

/** May be undefined: decided elsewhere. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return { ...kind, schema: kind.schema.optional() }
}

function orAsGiven(given: string, parse: (text: string) => number): unknown {
  if (/^\s*\d+(\.\d+)?\s*$/.test(given)) return Number(given)
  try {
    return parse(given)
  } catch {
    return given
  }
}
