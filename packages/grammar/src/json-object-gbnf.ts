/** The grammar of any JSON object: what `response_format: {"type": "json_object"}` asks for. */

import { jsonSchemaToGbnf } from './schema/json-schema-to-gbnf.ts'

export const jsonObjectGbnf: string = jsonSchemaToGbnf({ type: 'object' })
