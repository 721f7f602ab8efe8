/** The grammar of any JSON object, for `response_format: {"type": "json_object"}`. */

import { jsonSchemaToGbnf } from './schema/json-schema-to-gbnf.ts'

/**
 * The grammar of any JSON object, for `response_format: { type: 'json_object' }`.
 *
 * @example
 * ```ts
 * import { jsonObjectGbnf } from '@hadal/grammar'
 *
 * jsonObjectGbnf.startsWith('root ::=') // → true
 * ```
 */
export const jsonObjectGbnf: string = jsonSchemaToGbnf({ type: 'object' })
