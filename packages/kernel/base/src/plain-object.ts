/**
 * Whether it is a JSON object: neither null nor an array.
 *
 * @example
 * ```ts
 * import { isPlainObject } from '@hadal/base'
 *
 * isPlainObject({}) // → true
 * isPlainObject([]) // → false
 * ```
 */
export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
