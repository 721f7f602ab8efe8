/** Converts a flat JSON Schema object to form rows and back. Parts the form cannot show are preserved. Pure. */

export type FieldType = 'string' | 'number' | 'integer' | 'boolean' | 'string[]' | 'number[]'

export const fieldTypes: readonly FieldType[] = [
  'string',
  'number',
  'integer',
  'boolean',
  'string[]',
  'number[]',
]

export interface SchemaRow {
  readonly name: string
  readonly type: FieldType
  readonly description: string
  readonly isRequired: boolean
}

/** Undefined if the schema has anything else; empty text is an empty form. */
export function rowsOf(text: string): readonly SchemaRow[] | undefined {
  if (text.trim() === '') return []
  let schema: unknown
  try {
    schema = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(schema) || schema.type !== 'object' || !isRecord(schema.properties)) return undefined
  const known = ['type', 'properties', 'required', 'additionalProperties']
  if (Object.keys(schema).some((key) => !known.includes(key))) return undefined
  if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) return undefined
  const required = Array.isArray(schema.required) ? schema.required : []
  const rows = Object.entries(schema.properties).map(([name, given]) =>
    rowOf(name, given, required.includes(name)),
  )
  return rows.every((row) => row !== undefined) ? rows : undefined
}

function rowOf(name: string, given: unknown, isRequired: boolean): SchemaRow | undefined {
  if (!isRecord(given)) return undefined
  const { type, description = '', items, ...rest } = given
  if (Object.keys(rest).length > 0 || typeof description !== 'string') return undefined
  const isList = type === 'array' && isRecord(items) && Object.keys(items).length === 1
  const found = fieldTypes.find((each) => each === (isList ? `${items.type}[]` : type))
  if (found === undefined || (items !== undefined && !isList)) return undefined
  return { name, type: found, description, isRequired }
}

export function schemaOf(rows: readonly SchemaRow[]): string {
  const properties = Object.fromEntries(
    rows.map(({ name, type, description }) => [
      name,
      {
        ...(type.endsWith('[]') ? { type: 'array', items: { type: type.slice(0, -2) } } : { type }),
        ...(description !== '' && { description }),
      },
    ]),
  )
  const required = rows.filter(({ isRequired }) => isRequired).map(({ name }) => name)
  return JSON.stringify({ type: 'object', properties, required, additionalProperties: false }, null, 2)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
