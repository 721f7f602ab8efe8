/** JSON web tokens (RFC 7519): recognized by a decodable header with an algorithm; no signature needed. */

import {
  type CharacterClass,
  characterClass,
  type Detector,
  isWordStart,
  runEnd,
  runStart,
  wordStart,
} from '../detector.ts'

const within: CharacterClass = characterClass('\\w.-')
/** `{"` in base64. The header and the start of the payload decide. */
const prefix = /eyJ([\w-]{8,500})\.[\w-]{8}/y
const mark = 'eyJ'
const maxPrefix = 512

export const webTokenDetector: Detector = {
  *find(text, from) {
    for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
      if (!isWordStart(within, text, at) || !beginsToken(text, at)) continue
      const end = runEnd(within, text, at)
      yield { rule: 'secret.jwt', start: at, end, why: 'JSON web token', replacement: '[jwt]', grows: within }
      at = end
    }
  },
  openFrom(text) {
    const run = runStart(within, text, text.length, maxPrefix + 2)
    const start = wordStart(text, run)
    const isOpen =
      text.length - start <= maxPrefix &&
      mark.startsWith(text.slice(start, start + mark.length)) &&
      !matchesAt(prefix, text, start)
    return isOpen ? run : text.length
  },
}

function beginsToken(text: string, at: number): boolean {
  prefix.lastIndex = at
  const match = prefix.exec(text)
  if (match === null) return false
  try {
    const header: unknown = JSON.parse(Buffer.from(mark + match[1]!, 'base64url').toString())
    return typeof (header as { alg?: unknown } | null)?.alg === 'string'
  } catch {
    return false
  }
}

function matchesAt(sticky: RegExp, text: string, at: number): boolean {
  sticky.lastIndex = at
  return sticky.test(text)
}
