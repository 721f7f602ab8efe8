/** Keywords without effect on validity. All other unenforced keywords are rejected by name. */

import { schemaUnsupported } from '../errors.ts'
import { escapeSegment, type Place } from './schema-document.ts'

const annotations: ReadonlySet<string> = new Set([
  // Core and metadata vocabularies.
  ...['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$vocabulary', '$comment', '$defs', 'definitions'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  // Content of a string: annotations in JSON Schema, not checked by validators.
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
  // OpenAPI, and extensions of schema and form generators.
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

/** Throws `schema_unsupported` for a keyword that is not an annotation. */
export function readAnnotation({ pointer }: Place, keyword: string, value: unknown): void {
  if (annotations.has(keyword) || keyword.startsWith('x-')) return
  if (keyword === '$recursiveAnchor' && value === false) return
  throw schemaUnsupported(`${pointer}/${escapeSegment(keyword)}`, `the keyword ${JSON.stringify(keyword)}`)
}
