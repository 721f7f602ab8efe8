/** Converts a response format to a grammar for the whole response. */

import type { Grammar } from '@hadal/engine'
import { jsonObjectGbnf, jsonSchemaToGbnf, regexToGbnf } from '@hadal/grammar'
import type { ConstrainedFormat } from './answer-format.ts'

/** Throws the grammar compiler's errors for a schema or pattern. */
export function formatGrammar(format: ConstrainedFormat): Grammar {
  switch (format.type) {
    case 'json':
      return { gbnf: jsonObjectGbnf }
    case 'schema':
      return { gbnf: jsonSchemaToGbnf(format.schema) }
    case 'regex':
      return { gbnf: regexToGbnf(format.pattern) }
    case 'gbnf':
      return { gbnf: format.gbnf }
  }
}
