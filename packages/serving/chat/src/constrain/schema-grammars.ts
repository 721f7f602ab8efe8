/** A bounded cache of schema grammars: clients send the same tools with every request. */

import { type JsonSchema, jsonSchemaToGbnf } from '@hadal/grammar'

const maxKept = 256
/** Larger schemas and their grammars are not cached. */
const longestKept = 64 * 1024
const kept = new Map<string, string>()

/** Throws what `jsonSchemaToGbnf` throws. */
export function schemaGrammar(schema: JsonSchema): string {
  const key = JSON.stringify(schema)
  const known = kept.get(key)
  const gbnf = known ?? jsonSchemaToGbnf(schema)
  if (known !== undefined) kept.delete(key)
  else if (key.length + gbnf.length > longestKept) return gbnf
  else if (kept.size >= maxKept) kept.delete(kept.keys().next().value!)
  kept.set(key, gbnf)
  return gbnf
}
