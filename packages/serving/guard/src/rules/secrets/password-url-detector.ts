/** URLs with a password (RFC 3986, userinfo): `postgres://user:password@host`. Only the password is matched. */

import {
  type CharacterClass,
  characterClass,
  type Detector,
  isIn,
  type Match,
  openRun,
  runEnd,
} from '../detector.ts'
import { isPlaceholder } from './looks-random.ts'

const mark = '://'
const scheme: CharacterClass = characterClass('A-Za-z0-9+.-')
/** Characters of `user:password@host`. */
const authority: CharacterClass = characterClass('!$%&()*+,.0-9:;=@A-Z[\\]^_a-z{|}~-')
const longestAuthority = 400
const longestUser = 200

export const passwordUrlDetector: Detector = {
  *find(text, from) {
    const since = Math.max(0, from - longestUser - mark.length)
    for (let at = text.indexOf(mark, since); at >= 0; at = text.indexOf(mark, at + 1)) {
      const match = passwordAfter(text, at)
      if (match !== undefined && match.start >= from) yield match
    }
  },
  openFrom: openRun(authority, longestAuthority + mark.length),
}

function passwordAfter(text: string, at: number): Match | undefined {
  if (at === 0 || !isIn(scheme, text.charCodeAt(at - 1))) return undefined
  const start = at + mark.length
  const shown = text.slice(start, Math.min(runEnd(authority, text, start), start + longestAuthority))
  const [colon, end] = [shown.indexOf(':'), shown.lastIndexOf('@')]
  if (colon < 0 || colon > longestUser - 1 || end <= colon) return undefined
  const password = shown.slice(colon + 1, end)
  if (password.length < 3 || isPlaceholder(password)) return undefined
  return {
    rule: 'secret.url_password',
    start: start + colon + 1,
    end: start + end,
    why: 'password within an address',
    replacement: '[password]',
  }
}
