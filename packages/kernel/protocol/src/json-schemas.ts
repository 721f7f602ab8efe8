/** Request schemas as JSON Schema (draft 2020-12), for API documents. */

import { z } from 'zod'

/**
 * What clients may send; `reference` returns the location of each schema.
 *
 * @example
 * ```ts
 * import { chatRequestSchema, jsonSchemas } from '@hadal/protocol'
 *
 * const schemas = jsonSchemas({ ChatRequest: chatRequestSchema }, (name) => `#/components/schemas/${name}`)
 * Object.keys(schemas) // → [ 'ChatRequest' ]
 * ```
 */
export function jsonSchemas(
  schemas: Readonly<Record<string, z.ZodType>>,
  reference: (name: string) => string,
): Record<string, Record<string, unknown>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const { schemas: written } = z.toJSONSchema(registry, {
    io: 'input',
    // Fields parsed by hand are described next to their schema.
    unrepresentable: 'any',
    uri: reference,
  })
  return Object.fromEntries(
    Object.entries(written).map(([id, schema]) => {
      const { $schema: _, $id: __, ...rest } = schema as Record<string, unknown>
      return [id, rest]
    }),
  )
}
