/** Grammars of schemas, a bounded number of which is kept: clients send the same tools with every message. */

import { type JsonSchema, jsonSchemaToGbnf } from '@hadal/grammar'

const maxKept = 256
/** A schema that is larger than this is not kept, nor is its grammar. */
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
