/** Keywords that say nothing about which values are valid. All others that are not enforced are refused by name. */

import { schemaUnsupported } from '../errors.ts'
import { escapeSegment, type Place } from './schema-document.ts'

const annotations: ReadonlySet<string> = new Set([
  // The core and metadata vocabularies.
  ...['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$vocabulary', '$comment', '$defs', 'definitions'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  // What the text of a string holds: JSON Schema makes these annotations, and validators do not check them.
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
  // OpenAPI, and what generators of schemas and forms add.
  ...[
    'example',
    'externalDocs',
    'xml',
    'propertyOrdering',
    'markdownDescription',
    'enumDescriptions',
    'enumNames',
  ],
])

/** Throws `schema_unsupported` for a keyword that is none. */
export function readAnnotation({ pointer }: Place, keyword: string, value: unknown): void {
  if (annotations.has(keyword) || keyword.startsWith('x-')) return
  if (keyword === '$recursiveAnchor' && value === false) return
  throw schemaUnsupported(`${pointer}/${escapeSegment(keyword)}`, `the keyword ${JSON.stringify(keyword)}`)
}
