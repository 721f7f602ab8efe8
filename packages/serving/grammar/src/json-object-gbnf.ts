/** The grammar of any JSON object: what `response_format: {"type": "json_object"}` asks for. */

import { jsonSchemaToGbnf } from './schema/json-schema-to-gbnf.ts'

/**
 * The grammar of any JSON object, as `response_format: { type: 'json_object' }` asks for.
 *
 * @example
 * ```ts
 * import { jsonObjectGbnf } from '@hadal/grammar'
 *
 * jsonObjectGbnf.startsWith('root ::=') // → true
 * ```
 */
export const jsonObjectGbnf: string = jsonSchemaToGbnf({ type: 'object' })
