/** Decodes leetspeak: `1gn0r3`, `p@ssw0rd`. Versions, hashes and addresses stay. */

import { hexDigit } from './digits.ts'
import { letterOf, likeness } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'

const standsFor: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'g',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
}

const minLikeness = 0.4
/** Names with digits rarely resemble words this closely. */
const certainLikeness = 0.8
const minCertain = 4
const longestWord = 32
/** Longer all-hexadecimal words are numbers. */
const longestHex = 4

/** A single word may be a name; two words, or one with two replaced letters, indicate leetspeak. */
export function readLeetspeak(text: string): Woven | undefined {
  const weave = new Weave(text)
  const found: { readonly start: number; readonly end: number; readonly said: string }[] = []
  let evidence = 0
  let candidates = 0
  let certain = 0
  for (let at = 0; at < text.length; at += 1) {
    if (kindAt(text, at) === none) continue
    const start = at
    const word = wordAt(text, start)
    at = word.end
    const { end, inside, isLeading, isTrailing, isName } = word
    const isCandidate = inside > 0 || isLeading
    if (isCandidate) candidates += 1
    if ((!isCandidate && !isTrailing) || isName || end - start > longestWord) continue
    const said = unleeted(text.slice(start, end))
    const likely = likeness(said)
    if (likely < minLikeness) continue
    if (likely >= certainLikeness && end - start > 4) certain += 1
    found.push({ start, end, said })
    if (end - start >= 4 && inside > 0) evidence += inside > 1 || isLeading ? 2 : 1
  }
  // Other words with digits may surround it or may have been inserted.
  if (evidence < 2 || (found.length * 2 < candidates && certain < minCertain)) return undefined
  for (const { start, end, said } of found) weave.swap(start, end, said)
  return weave.isChanged ? weave.finish() : undefined
}

interface LeetWord {
  readonly end: number
  /** Digits and signs between letters, one or two in a row. */
  readonly inside: number
  /** Starts with one or two. */
  readonly isLeading: boolean
  /** Ends with one, which alone may be a version. */
  readonly isTrailing: boolean
  /** A number or a camel-case name. */
  readonly isName: boolean
}

function wordAt(text: string, start: number): LeetWord {
  let [end, inside, signs, letters, isLeading, isHex, isCamel] = [start, 0, 0, 0, false, true, false]
  for (let kind = kindAt(text, end); kind !== none; kind = kindAt(text, end)) {
    if (kind === sign) signs += 1
    else {
      if (signs === 1 || signs === 2) {
        if (letters > 0) inside += 1
        else isLeading = true
      }
      const code = text.charCodeAt(end)
      isCamel ||= signs > 0 && letters > 0 && code < 97 && text.charCodeAt(end - signs - 1) >= 97
      signs = 0
      letters += 1
    }
    isHex &&= hexDigit(text.charCodeAt(end)) >= 0
    end += 1
  }
  const isName = letters === 0 || isCamel || (isHex && end - start > longestHex)
  return { end, inside, isLeading, isTrailing: signs === 1 && letters > 1, isName }
}

const [none, letter, sign] = [0, 1, 2]

const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  if (letterOf(code) > 0) return letter
  return standsFor[String.fromCharCode(code)] === undefined ? none : sign
})

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? kinds[code]! : none
}

/** Replaces digits and signs by letters. A one becomes an l where that is likelier. */
export function unleeted(text: string): string {
  let said = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!
    if (character === '1' && letterOf(text.charCodeAt(at + 1)) > 0) {
      const before = said.at(-1) ?? ''
      said += likeness(`${before}l${text[at + 1]}`) > likeness(`${before}i${text[at + 1]}`) ? 'l' : 'i'
    } else said += standsFor[character] ?? character
  }
  return said
}
