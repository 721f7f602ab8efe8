/** Errors of schemas and patterns for constrained decoding. */

import { defineError, type ErrorMaker } from '@hadal/base'

const at = (path: string): string => (path === '' ? 'at its root' : `at ${path}`)

/** @internal */
export const schemaInvalid: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'schema_invalid',
  status: 400,
  when: 'A JSON Schema is malformed, has a reference that does not resolve, or allows no value at all.',
  message: (path, reason) => `the schema is invalid ${at(path)}: ${reason}`,
  help: 'Correct the schema at that JSON pointer.',
})

/** @internal */
export const schemaUnsupported: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'schema_unsupported',
  status: 400,
  when: 'A JSON Schema has a keyword that a grammar cannot enforce. Keywords are never ignored silently.',
  message: (path, reason) => `the schema cannot be enforced ${at(path)}: ${reason}`,
  help: 'Remove that keyword, or use keywords that can be enforced (packages/serving/grammar/README.md lists them).',
})

/** @internal */
export const schemaTooLarge: ErrorMaker<[path: string, reason: string]> = defineError({
  code: 'schema_too_large',
  status: 400,
  when: 'A JSON Schema or pattern would produce a grammar that is too large to sample with.',
  message: (path, reason) => `the schema is too large ${at(path)}: ${reason}`,
  help: 'Lower the bounds (maxLength, maxItems, repetitions), nest less, or split the schema.',
})

/** @internal */
export const regexInvalid: ErrorMaker<[pattern: string, position: number, reason: string]> = defineError({
  code: 'regex_invalid',
  status: 400,
  when: 'A regular expression is malformed.',
  message: (pattern, position, reason) =>
    `the pattern ${JSON.stringify(pattern)} is malformed at position ${position}: ${reason}`,
  help: 'Write the pattern in the syntax of JavaScript regular expressions.',
})

/** @internal */
export const regexUnsupported: ErrorMaker<[pattern: string, position: number, reason: string]> = defineError({
  code: 'regex_unsupported',
  status: 400,
  when: 'A regular expression uses a feature that a grammar cannot express or that is not implemented.',
  message: (pattern, position, reason) =>
    `the pattern ${JSON.stringify(pattern)} cannot be enforced at position ${position}: ${reason}`,
  help: 'Rewrite the pattern with classes, groups, alternatives and quantifiers.',
})

/** @internal */
export const regexTooLarge: ErrorMaker<[pattern: string, reason: string]> = defineError({
  code: 'regex_too_large',
  status: 400,
  when: 'A regular expression would produce a grammar that is too large to sample with.',
  message: (pattern, reason) => `the pattern ${JSON.stringify(pattern)} is too large: ${reason}`,
  help: 'Lower its repetition bounds or split it.',
})
