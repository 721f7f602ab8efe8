/** The canonical form of a text. Knows no encoding but Unicode's. */

import { readNormalized } from './normalized.ts'

const spaces = /\s+/g

/**
 * What texts that say the same have in common, for hashing: as people see it, in lower case, white space as one space. The
 * same for what it gives.
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
  // What is lower case may be looked at anew; few texts need a third look, and none that were found a fifth.
  for (let look = 0; look < 5; look += 1) {
    const before = form
    form = (readNormalized(form)?.text ?? form).normalize('NFKC').toLowerCase().replace(spaces, ' ').trim()
    if (form === before) break
  }
  return form
}
