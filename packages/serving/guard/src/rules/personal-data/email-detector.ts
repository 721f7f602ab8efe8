/** Common e-mail addresses (a subset of RFC 5321): ASCII, with an alphabetic top-level domain. */

import {
  type CharacterClass,
  characterClass,
  type Detector,
  type Match,
  openRun,
  runEnd,
  runStart,
  wordStart,
} from '../detector.ts'

const local: CharacterClass = characterClass('A-Za-z0-9._%+-')
const domain: CharacterClass = characterClass('A-Za-z0-9.-')
const either: CharacterClass = characterClass('A-Za-z0-9._%+@-')
/** RFC 5321, 4.5.3.1. */
const [longestLocal, longestDomain] = [64, 253]

const isDomain = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$/i
/** `logo@2x.png` and `react@next.js` are file names. */
const isFile = /\.(?:png|jpe?g|gif|svg|webp|avif|ico|css|m?[jt]sx?|json|ya?ml|md|py|html?|zip|gz)$/i

export const emailDetector: Detector = {
  *find(text, from) {
    for (let at = text.indexOf('@', from); at >= 0; at = text.indexOf('@', at + 1)) {
      const match = addressAround(text, at)
      if (match !== undefined && match.start >= from) yield match
    }
  },
  openFrom: openRun(either, longestLocal + 1 + longestDomain + 2),
}

function addressAround(text: string, at: number): Match | undefined {
  const run = runStart(local, text, at, longestLocal + 1)
  const runLast = runEnd(domain, text, at + 1)
  if (at - run > longestLocal || runLast - at - 1 > longestDomain) return undefined
  // Neither `@@` nor a git remote is an address.
  if (text[run - 1] === '@' || text[runLast] === '@') return undefined
  const name = text.slice(wordStart(text, run), at).replace(/^[._%+-]+/, '')
  const host = text.slice(at + 1, runLast).replace(/[.-]+$/, '')
  if (name === '' || name === 'git' || name.endsWith('.') || !isDomain.test(host) || isFile.test(host))
    return undefined
  return {
    rule: 'pii.email',
    start: at - name.length,
    end: at + 1 + host.length,
    why: 'e-mail address',
    replacement: '[email]',
  }
}
