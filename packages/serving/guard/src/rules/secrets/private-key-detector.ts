/**
 * Private keys in PEM (RFC 7468), OpenSSH and OpenPGP format. The first line and sixteen characters of key data decide; the match extends
 * over all following key characters, so truncated keys are found as well.
 */

import { type CharacterClass, characterClass, type Detector, type Match, runEnd } from '../detector.ts'

/** Line breaks may be escaped. */
const first =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){0,8}(?:[A-Z][A-Za-z-]{1,20}: [^\n]{0,80}\n\s{0,4}){0,4}[A-Za-z0-9+/=]{16}/y
const last = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
/** An incomplete prefix: an unfinished line, or a first line without key data. */
const openFirst = /-----BEGIN (?:[A-Z0-9 ]{0,80}-{0,4}$|[A-Z0-9 ]{0,80}PRIVATE KEY(?: BLOCK)?-----)/y
const openLast = /-----END [A-Z0-9 ]{0,80}-{0,4}$/y
const marks = ['-----BEGIN ', '-----END '] as const
/** Maximum length of `first`. */
const longestFirst = 600

const body: CharacterClass = characterClass('A-Za-z0-9+/=\\\\\\s')

export const privateKeyDetector: Detector = {
  *find(text, from) {
    for (let at = text.indexOf(marks[0], from); at >= 0; at = text.indexOf(marks[0], at + 1)) {
      const prefix = endOf(first, text, at)
      if (prefix === undefined) continue
      const end = runEnd(body, text, prefix)
      yield { ...found, start: at, end: endOf(last, text, end) ?? end, grows: body }
    }
    // The end of a key whose start was released long ago.
    for (let at = text.indexOf(marks[1], from); at >= 0; at = text.indexOf(marks[1], at + 1)) {
      const end = endOf(last, text, at)
      if (end !== undefined) yield { ...found, start: at, end }
    }
  },
  openFrom(text, from) {
    const since = Math.max(from, text.length - longestFirst)
    for (let at = text.indexOf('-----', since); at >= 0; at = text.indexOf('-----', at + 1))
      if (
        endOf(openLast, text, at) !== undefined ||
        (endOf(openFirst, text, at) !== undefined && !endOf(first, text, at))
      )
        return at
    return openMark(text)
  },
}

const found: Omit<Match, 'start' | 'end'> = {
  rule: 'secret.private_key',
  why: 'private key',
  replacement: '[private key]',
}

/** Start of an incomplete marker at the end of a text. */
function openMark(text: string): number {
  for (let length = marks[0].length - 1; length > 0; length--)
    for (const mark of marks)
      if (length < mark.length && text.endsWith(mark.slice(0, length))) return text.length - length
  return text.length
}

function endOf(sticky: RegExp, text: string, at: number): number | undefined {
  sticky.lastIndex = at
  return sticky.test(text) ? sticky.lastIndex : undefined
}
