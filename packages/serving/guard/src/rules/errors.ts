/** What can be wrong with the rules that a user gives. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPatternInvalid: ErrorMaker<[name: string, pattern: string, why: string, help: string]> =
  defineError({
    code: 'guard_pattern_invalid',
    status: 500,
    when: 'A pattern of the guard is no regular expression that RE2 knows, or too large a one.',
    message: (name, pattern, why, _help) =>
      `the pattern ${JSON.stringify(name)} (${shown(pattern)}) cannot be used: ${why}`,
    help: (_name, _pattern, _why, help) => help,
  })

export const guardKindUnknown: ErrorMaker<[of: string, kind: string, known: readonly string[]]> = defineError(
  {
    code: 'guard_kind_unknown',
    status: 500,
    when: 'The guard is to look for a kind of secret or personal data that it does not know.',
    message: (of, kind, _known) => `${of} knows no kind ${JSON.stringify(kind)}`,
    help: (_of, _kind, known) => `It knows ${known.join(', ')}.`,
  },
)

const shown = (pattern: string): string => (pattern.length <= 80 ? pattern : `${pattern.slice(0, 80)}...`)
