/** Building blocks of request schemas. */

import type { z } from 'zod'

/** The zod shape of an interface: one schema per field. */
export type Shape<Fields> = { readonly [Field in keyof Fields]-?: z.ZodType<Fields[Field]> }

/** Absent and `null` both mean "not given": clients send either. */
export function optional<T>(schema: z.ZodType<T>): z.ZodType<T | undefined> {
  return schema.nullish().transform((value) => value ?? undefined)
}
