/**
 * Windows of a text for comparison with known attacks: overlapping, because an attack in a long text barely affects the vector of the
 * whole, plus the whole text if it is not too long. Pure; linear.
 */

import type { Language, Span } from '../check.ts'

export interface TextWindow extends Span {
  readonly text: string
  /** Amount per script: words of Latin and other letters, and Han characters. */
  readonly latinWords: number
  readonly hans: number
  readonly otherWords: number
}

/** A word counts two, a Han character one: 24 words or 48 characters. */
const windowWeight = 48
/** Texts slightly longer than a window are a single one. */
const singleWeight = 60
/** Beyond this (about 2,000 words), windows do not overlap. */
const overlappingWeight = 4096
/** In still longer texts the gaps between this many windows are not read; the classifier reads everything. */
const maxWindows = 400
/** Beyond this (about 500 words), the whole text's vector is uninformative. */
const wholeWeight = 1024

const ascii = /^[\x00-\x7f]*$/
/** A fast path for ASCII. */
const asciiUnit = /[a-z0-9']{1,32}/gi
const anyUnit = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}'’]){1,32}/gu
const latin = /\p{Script=Latin}/u
const han = /\p{Script=Han}/u

interface Unit extends Span {
  readonly weight: number
  readonly script: 'latin' | 'han' | 'other' | 'none'
}

/** The whole text first, if included. Empty for texts without letters. */
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

/** Fewer words are uninformative. */
const minWords = 2
const minHans = 4

/** Languages whose encoders are used: several for mixed texts, none for too short ones. */
export function languagesOf({ latinWords, hans, otherWords }: TextWindow): readonly Language[] {
  const languages: Language[] = []
  if (latinWords >= minWords && latinWords * 4 >= hans) languages.push('en')
  if (hans >= minHans && hans * 2 >= latinWords) languages.push('zh')
  if (otherWords >= minWords && otherWords * 2 >= latinWords) languages.push('other')
  return languages
}
