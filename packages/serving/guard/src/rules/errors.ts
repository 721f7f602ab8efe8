/** Errors of custom rules. */

import { defineError, type ErrorMaker } from '@hadal/base'

export const guardPatternInvalid: ErrorMaker<[name: string, pattern: string, why: string, help: string]> =
  defineError({
    code: 'guard_pattern_invalid',
    status: 500,
    when: 'A guard pattern is not a regular expression that RE2 supports, or is too large.',
    message: (name, pattern, why, _help) =>
      `cannot use the pattern ${JSON.stringify(name)} (${shown(pattern)}): ${why}`,
    help: (_name, _pattern, _why, help) => help,
    docsHelp: 'Correct the pattern as the message says, in RE2 syntax without lookaround and backreferences.',
  })

export const guardKindUnknown: ErrorMaker<[of: string, kind: string, known: readonly string[]]> = defineError(
  {
    code: 'guard_kind_unknown',
    status: 500,
    when: 'The guard policy names an unknown kind of secret or personal data.',
    message: (of, kind, _known) => `${of} has no kind ${JSON.stringify(kind)}`,
    help: (_of, _kind, known) => `Use one of ${known.join(', ')}.`,
  },
)

const shown = (pattern: string): string => (pattern.length <= 80 ? pattern : `${pattern.slice(0, 80)}...`)
