/** Building blocks of request schemas. */

import { z } from 'zod'

/** The zod shape of an interface: one schema per field. */
export type Shape<Fields> = { readonly [Field in keyof Fields]-?: z.ZodType<Fields[Field]> }

/** Absent and `null` both mean "not given": clients send either. */
export function optional<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}

/** Counts the entries of an object before each of them is checked. */
export function upTo<T>(most: number, record: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((value, context) => {
    if (typeof value === 'object' && value !== null && Object.keys(value).length > most)
      context.addIssue({ code: 'custom', message: `must have at most ${most} entries` })
    return value
  }, record) as z.ZodType<T>
}
