/**
 * Private keys as PEM (RFC 7468), OpenSSH and OpenPGP write them. The first line and sixteen characters of the key decide; the
 * rest is everything after that a key may be made of, so a key that is cut off is found, too.
 */

import { type CharacterClass, characterClass, type Detector, type Match, runEnd } from '../detector.ts'

/** Line breaks may be escaped. */
const first =
  /-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]){0,8}(?:[A-Z][A-Za-z-]{1,20}: [^\n]{0,80}\n\s{0,4}){0,4}[A-Za-z0-9+/=]{16}/y
const last = /-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
/** What may become them: a line that is not at its end, or the first line before its key. */
const openFirst = /-----BEGIN (?:[A-Z0-9 ]{0,80}-{0,4}$|[A-Z0-9 ]{0,80}PRIVATE KEY(?: BLOCK)?-----)/y
const openLast = /-----END [A-Z0-9 ]{0,80}-{0,4}$/y
const marks = ['-----BEGIN ', '-----END '] as const
/** `first` is no longer. */
const longestFirst = 600

const body: CharacterClass = characterClass('A-Za-z0-9+/=\\\\\\s')

export const privateKeyDetector: Detector = {
  *find(text, from) {
    for (let at = text.indexOf(marks[0], from); at >= 0; at = text.indexOf(marks[0], at + 1)) {
      const beginning = endOf(first, text, at)
      if (beginning === undefined) continue
      const end = runEnd(body, text, beginning)
      yield { ...found, start: at, end: endOf(last, text, end) ?? end, grows: body }
    }
    // The end of a key whose beginning came out long ago.
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

/** Where the beginning of a mark stands at the end of a text. */
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
