/**
 * The parts of a text that are compared with known attacks: overlapping windows, since an attack within a long text hardly
 * turns the whole of it, and the whole where it is not too long. Pure; linear in the text.
 */

import type { Language, Span } from '../check.ts'

export interface TextWindow extends Span {
  readonly text: string
  /** How much of each script it holds: words of Latin and other letters, and Han characters. */
  readonly latinWords: number
  readonly hans: number
  readonly otherWords: number
}

/** A word weighs two, a Han character one: 24 words or 48 characters. */
const windowWeight = 48
/** Texts a little longer than a window are one window. */
const singleWeight = 60
/** Beyond that (about 2,000 words) windows overlap no more. */
const overlappingWeight = 4096
/** Of still longer ones, what lies between so many windows is not read: it is the classifier that reads all. */
const maxWindows = 400
/** Beyond that (about 500 words) the whole of a text says nothing of its parts. */
const wholeWeight = 1024

const ascii = /^[\x00-\x7f]*$/
/** What the one below finds in ASCII, in a fraction of its time. */
const asciiUnit = /[a-z0-9']{1,32}/gi
const anyUnit = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}'’]){1,32}/gu
const latin = /\p{Script=Latin}/u
const han = /\p{Script=Han}/u

interface Unit extends Span {
  readonly weight: number
  readonly script: 'latin' | 'han' | 'other' | 'none'
}

/** The whole first, where it is among them. Empty for texts without letters. */
export function windowsOf(text: string): readonly TextWindow[] {
  const units = unitsOf(text)
  if (units.length === 0) return []
  const total = units.reduce((sum, { weight }) => sum + weight, 0)
  const windows: TextWindow[] = []
  if (total <= wholeWeight) windows.push(windowOf(text, units, 0, units.length))
  if (total <= singleWeight) return windows
  const apart = Math.max(windowWeight, Math.ceil(total / maxWindows))
  const stride = total <= overlappingWeight ? windowWeight / 2 : apart
  let [from, to, weight] = [0, 0, 0]
  for (;;) {
    while (to < units.length && weight < windowWeight) weight += units[to++]!.weight
    windows.push(windowOf(text, units, from, to))
    if (to === units.length) return windows
    for (let left = 0; left < stride && from < units.length; from += 1) {
      left += units[from]!.weight
      if (from < to) weight -= units[from]!.weight
    }
    to = Math.max(to, from)
    if (from === units.length) return windows
  }
}

function unitsOf(text: string): readonly Unit[] {
  const units: Unit[] = []
  for (const { 0: match, index } of text.matchAll(ascii.test(text) ? asciiUnit : anyUnit)) {
    const end = index + match.length
    const first = match.charCodeAt(0)
    if (first < 0x80 ? first > 0x40 : latin.test(match))
      units.push({ start: index, end, weight: 2, script: 'latin' })
    else if (first < 0x80) units.push({ start: index, end, weight: 2, script: 'none' })
    else if (match.length <= 2 && han.test(match)) units.push({ start: index, end, weight: 1, script: 'han' })
    else units.push({ start: index, end, weight: Math.max(2, match.length >> 1), script: 'other' })
  }
  return units
}

function windowOf(text: string, units: readonly Unit[], from: number, to: number): TextWindow {
  const [start, end] = [units[from]!.start, units[to - 1]!.end]
  const counts = { latin: 0, han: 0, other: 0, none: 0 }
  for (let at = from; at < to; at += 1) counts[units[at]!.script] += 1
  return {
    start,
    end,
    text: text.slice(start, end),
    latinWords: counts.latin,
    hans: counts.han,
    otherWords: counts.other,
  }
}

/** Fewer words say nothing. */
const minWords = 2
const minHans = 4

/** Whose encoder is asked: more than one for mixed texts, none where there is too little to read. */
export function languagesOf({ latinWords, hans, otherWords }: TextWindow): readonly Language[] {
  const languages: Language[] = []
  if (latinWords >= minWords && latinWords * 4 >= hans) languages.push('en')
  if (hans >= minHans && hans * 2 >= latinWords) languages.push('zh')
  if (otherWords >= minWords && otherWords * 2 >= latinWords) languages.push('other')
  return languages
}
