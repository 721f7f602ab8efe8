/** Parses and formats sizes, durations and counts. */

import { defineError, type ErrorMaker } from './errors.ts'

/** @internal */
export const invalidUnit: ErrorMaker<[text: string, expected: string]> = defineError({
  code: 'invalid_unit',
  status: 400,
  when: 'A size or duration could not be parsed.',
  message: (text, expected) => `${JSON.stringify(text)} is not ${expected}`,
  help: 'Write sizes like 512MiB or 4GiB, durations like 250ms, 30s or 5m.',
})

const sizes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
}
const durations: Readonly<Record<string, number>> = {
  us: 1e-3,
  ms: 1,
  s: 1e3,
  m: 60e3,
  h: 3600e3,
  d: 86400e3,
}

const parse = (text: string, units: Readonly<Record<string, number>>, expected: string): number => {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text)
  const factor = match && units[match[2]!.toLowerCase()]
  if (!match || typeof factor !== 'number') throw invalidUnit(text, expected)
  return Number(match[1]) * factor
}

/**
 * `'4GiB'` to bytes.
 *
 * @example
 * ```ts
 * import { parseBytes } from '@hadal/base'
 *
 * parseBytes('512MiB') // → 536870912
 * parseBytes('much') // throws invalid_unit
 * ```
 */
export const parseBytes = (text: string): number => Math.round(parse(text, sizes, 'a size'))

/**
 * `'250ms'` to milliseconds.
 *
 * @example
 * ```ts
 * import { parseMillis } from '@hadal/base'
 *
 * parseMillis('5m') // → 300000
 * ```
 */
export const parseMillis = (text: string): number => parse(text, durations, 'a duration')

/**
 * 1536 to `'1.5 KiB'`.
 *
 * @example
 * ```ts
 * import { formatBytes } from '@hadal/base'
 *
 * formatBytes(1_610_612_736) // → '1.5 GiB'
 * ```
 */
export function formatBytes(bytes: number): string {
  const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < names.length - 1) {
    size /= 1024
    unit += 1
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${names[unit]}`
}

/**
 * 93_000 to `'1m 33s'`; 812 to `'812 ms'`.
 *
 * @example
 * ```ts
 * import { formatMillis } from '@hadal/base'
 *
 * formatMillis(1_250) // → '1.3 s'
 * ```
 */
export function formatMillis(millis: number): string {
  if (millis < 1000) return `${millis < 10 ? millis.toFixed(1) : Math.round(millis)} ms`
  const total = Math.round(millis / 1000)
  if (total < 60) return `${(millis / 1000).toFixed(1)} s`
  const [h, m, s] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
  return h > 0 ? `${h}h ${m}m` : `${m}m ${s}s`
}

/**
 * 12_345_678 to `'12.3M'`.
 *
 * @example
 * ```ts
 * import { formatCount } from '@hadal/base'
 *
 * formatCount(7_241_732_096) // → '7.2B'
 * ```
 */
export function formatCount(count: number): string {
  for (const [size, name] of [
    [1e12, 'T'],
    [1e9, 'B'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (Math.abs(count) >= size) return `${(count / size).toFixed(count / size < 100 ? 1 : 0)}${name}`
  return String(count)
}
