/** Finds the fields of a body that its schema does not have, from the schema itself. */

import type { z } from 'zod'

type Fields = Readonly<Record<string, unknown>>

/** Spelled as by the client: `messages[0].mood`. At most `most` of them. */
export function unknownFields(schema: z.ZodType, input: unknown, most = 64): string[] {
  const found: string[] = []
  const visit = (type: z.core.$ZodType, value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || found.length >= most) return
    const { def } = (type as z.core.$ZodTypes)._zod
    switch (def.type) {
      case 'pipe':
        visit(def.in, value, path)
        break
      case 'optional':
      case 'nullable':
        visit(def.innerType, value, path)
        break
      case 'array':
        if (Array.isArray(value))
          for (const [index, item] of value.entries()) {
            if (found.length >= most) break
            visit(def.element, item, `${path}[${index}]`)
          }
        break
      case 'object':
        for (const key of Object.keys(value)) {
          if (found.length >= most) break
          const at = path === '' ? key : `${path}.${key}`
          if (Object.hasOwn(def.shape, key)) visit(def.shape[key]!, (value as Fields)[key], at)
          else found.push(at)
        }
        break
      case 'union': {
        const option = def.options.find((each) => takes(each, value))
        if (option !== undefined) visit(option, value, path)
      }
    }
  }
  visit(schema, input, '')
  return found
}

/** Distinguishes the members of our unions: arrays from objects, and objects by their literal fields. */
function takes(type: z.core.$ZodType, value: object): boolean {
  const { def } = (type as z.core.$ZodTypes)._zod
  if (def.type === 'array') return Array.isArray(value)
  if (def.type === 'record') return !Array.isArray(value)
  if (def.type !== 'object' || Array.isArray(value)) return false
  return Object.entries(def.shape).every(([key, field]) => {
    const values = (field as z.core.$ZodType)._zod.values
    return values === undefined || values.has((value as Fields)[key] as z.core.util.Primitive)
  })
}
