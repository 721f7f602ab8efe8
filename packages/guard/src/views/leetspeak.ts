/** Reads digits and signs that stand for letters: `1gn0r3`, `p@ssw0rd`. Versions, hashes and addresses stay. */

import { letterOf, likeness } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'

const letters: Readonly<Record<string, string>> = {
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

const leastLikeness = 0.4
const longestWord = 32
const word = /[A-Za-z0-9@$!|]+/g
/** A digit or sign between letters, or two. */
const within = /[A-Za-z][0-9@$!|]{1,2}(?=[A-Za-z])/g
const leading = /^[0-9@$!|]{1,2}[A-Za-z]/
/** Alone it may be a version; beside others it is an e or an s. */
const trailing = /^[A-Za-z]{2,}[0-9@$!|]$/
const camelCase = /[a-z][0-9]+[A-Z]/
const hexadecimal = /^(?:0x)?[0-9a-f]+$/i

/** One word may be a name; two are a way of writing, and so is one with two letters replaced. */
export function readLeetspeak(text: string): Woven | undefined {
  const weave = new Weave(text)
  const found: { start: number; end: number; said: string }[] = []
  let [evidence, candidates] = [0, 0]
  for (const { 0: written, index: start } of text.matchAll(word)) {
    if (written.length < 2 || written.length > longestWord || !/[0-9@$!|]/.test(written)) continue
    const inside = written.match(within)?.length ?? 0
    const isCandidate = inside > 0 || leading.test(written)
    if (!isCandidate && !trailing.test(written)) continue
    if (isCandidate) candidates += 1
    if ((written.length > 5 && hexadecimal.test(written)) || camelCase.test(written)) continue
    const said = unleeted(written)
    if (likeness(said) < leastLikeness) continue
    found.push({ start, end: start + written.length, said })
    if (written.length >= 4 && inside > 0) evidence += inside > 1 || leading.test(written) ? 2 : 1
  }
  if (evidence < 2 || found.length * 2 < candidates) return undefined
  for (const { start, end, said } of found) weave.swap(start, end, said)
  return weave.isChanged ? weave.finish() : undefined
}

/** With letters for what stands for them. A one is an l where that is likelier. */
export function unleeted(text: string): string {
  let said = ''
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!
    if (character === '1' && letterOf(text.charCodeAt(at + 1)) > 0) {
      const before = said.at(-1) ?? ''
      said += likeness(`${before}l${text[at + 1]}`) > likeness(`${before}i${text[at + 1]}`) ? 'l' : 'i'
    } else said += letters[character] ?? character
  }
  return said
}
