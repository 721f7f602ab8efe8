/** Canonical form of a text, by Unicode normalization only. */

import { readNormalized } from './normalized.ts'

const spaces = /\s+/g

/**
 * Canonical form for hashing: as displayed, lowercase, with collapsed white space. Idempotent.
 *
 * @example
 * ```ts
 * import { normalize } from '@hadal/guard'
 *
 * normalize('ｉｇｎｏｒｅ') // → 'ignore'
 * ```
 */
export function normalize(text: string): string {
  let form = text
  // Lowercasing may enable further normalization; three rounds are rarely needed, and more than four never occurred.
  for (let look = 0; look < 5; look += 1) {
    const before = form
    form = (readNormalized(form)?.text ?? form).normalize('NFKC').toLowerCase().replace(spaces, ' ').trim()
    if (form === before) break
  }
  return form
}
