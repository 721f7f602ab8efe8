/**
 * Reads base64, the alphabet for URLs too: in one word, in lines, in groups, word by word, with other characters before it;
 * and base64 that went through rot13 or was turned around. Words, paths and identifiers look the same and say nothing that
 * people could read.
 */

import { likeness } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'
import { looksWritten, mayBeRead, readAll, readRuns } from './readable.ts'
import { rotated } from './rot13.ts'

/** Of a word that is read on its own, and of one among others. */
const leastLength = 8
const leastOfMany = 4
/** From here on, being readable is enough: what is read may be encoded once more. */
const longWord = 20
/** From here on, a part of it may be readable. */
const veryLongWord = 24
/** What belongs together is no further apart. */
const longestGap = 8

interface Word {
  readonly start: number
  /** Padding is part of it. */
  readonly end: number
}

type Undo = (encoded: string) => string

export function readBase64(text: string): Woven | undefined {
  return readWords(text)
}

/** What was encoded in base64, then in rot13: that is no language, so rot13 alone does not show it. */
export function readRotatedBase64(text: string): Woven | undefined {
  return readWords(text, rotated)
}

/** What was encoded in base64, then turned around. */
export function readReversedBase64(text: string): Woven | undefined {
  return readWords(text, (encoded) => [...encoded].reverse().join(''))
}

/** Groups are mixed or long words that only white space parts, and words between them as long as the first. */
function readWords(text: string, undo?: Undo): Woven | undefined {
  const weave = new Weave(text)
  let group: Word[] = []
  // Short words of one length that belong to none yet.
  let before: Word[] = []
  const close = (): void => {
    if (group.length === 1 || (group.length > 0 && undo !== undefined)) readEach(weave, group, undo)
    else if (group.length > 1) readGroup(weave, group)
    group = []
  }
  for (let at = 0; at < text.length; at += 1) {
    let [kind, kindBefore, capitals, isMixed] = [kindAt(text, at), none, 0, false]
    if (kind === none) continue
    const start = at
    for (; kind !== none; kind = kindAt(text, at)) {
      if (kind === upper ? kindBefore === lower : kind === lower && (kindBefore === digit || capitals > 1))
        isMixed = true
      capitals = kind === upper ? capitals + 1 : 0
      kindBefore = kind
      at += 1
    }
    let end = at
    while (end < at + 2 && text[end] === '=') end += 1
    const isLikely = isMixed || end > at || end - start >= longWord
    if (group.length > 0 && !isGap(text, group.at(-1)!.end, start)) close()
    const belongs = isLikely || (group.length > 0 && mayGoOn(text, group, start, end))
    if (!belongs) {
      close()
      if (!continues(text, before, start, end)) before = []
      if (end - start < leastLength) before.push({ start, end })
    } else if (end - start >= leastOfMany) {
      if (group.length === 0 && continues(text, before, start, end))
        group.push(...before.filter((word) => !isWord(text, word)))
      before = []
      group.push({ start, end })
    }
    at = Math.max(at, end - 1)
  }
  close()
  return weave.isChanged ? weave.finish() : undefined
}

/** A word as long as the first of a group, or the shorter last line. */
function mayGoOn(text: string, group: readonly Word[], start: number, end: number): boolean {
  const length = group[0]!.end - group[0]!.start
  if (end - start === length) return true
  return end - start < length && length >= longWord && text.charCodeAt(start - 1) === 10
}

/** Chunks that happen to look like words, before one of their length. */
function continues(text: string, words: readonly Word[], start: number, end: number): boolean {
  const last = words.at(-1)
  return last !== undefined && last.end - last.start === end - start && isGap(text, last.end, start)
}

/** Looks like one of a language. */
const isWord = (text: string, { start, end }: Word): boolean => likeness(text.slice(start, end)) > 0.2

/** Word by word where each says something, together otherwise. Chunks of one length belong together. */
function readGroup(weave: Weave, words: readonly Word[]): void {
  const { source } = weave
  const lengths = words.map(({ start, end }) => end - start)
  const areChunks = lengths.every(
    (length, at) => length === lengths[0] || (at === words.length - 1 && at > 1),
  )
  const said = areChunks ? [] : words.map(({ start, end }) => readWord(source.slice(start, end), leastOfMany))
  if (said.length > 0 && !said.includes(undefined)) {
    for (const [index, { start, end }] of words.entries()) weave.replace(start, end, said[index]!)
    return
  }
  const joined = (start: number, end: number): string => source.slice(start, end).replace(/\s+/g, '')
  const [first, second] = words
  const [beforeLast, last] = words.slice(-2)
  // The first and the last may be ordinary words.
  for (const [{ start }, { end }] of [
    [first!, last!],
    [first!, beforeLast!],
    [second!, last!],
  ] as const) {
    const whole = readWhole(joined(start, end))
    if (whole === undefined) continue
    weave.replace(start, end, whole)
    return
  }
  const together = readWord(joined(first!.start, last!.end), leastLength)
  if (together === undefined) readEach(weave, words)
  else weave.replace(first!.start, last!.end, together)
}

function readEach(weave: Weave, words: readonly Word[], undo?: Undo): void {
  for (const { start, end } of words) {
    if (end - start < leastLength) continue
    const written = weave.source.slice(start, end)
    const said = undo === undefined ? readWord(written, leastLength) : readWhole(undo(written))
    if (said !== undefined) weave.replace(start, end, said)
  }
}

function readWord(encoded: string, least: number): string | undefined {
  if (encoded.length < least) return undefined
  const whole = readWhole(encoded)
  if (whole !== undefined || encoded.length < veryLongWord) return whole
  // With something before it, the bytes begin at another letter.
  let best = ''
  for (let from = 0; from < 4; from += 1) {
    const runs = readRuns(Buffer.from(encoded.slice(from), 'base64')) ?? ''
    if (runs.length > best.length) best = runs
  }
  return best === '' ? undefined : best
}

function readWhole(encoded: string): string | undefined {
  if (!mayBeRead(Buffer.from(encoded.slice(0, 4), 'base64'))) return undefined
  const said = readAll(Buffer.from(encoded, 'base64'))
  return said !== undefined && (encoded.length >= longWord || looksWritten(said)) ? said : undefined
}

function isGap(text: string, from: number, to: number): boolean {
  if (to - from > longestGap) return false
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) > 32) return false
  return true
}

const [none, lower, upper, digit, sign] = [0, 1, 2, 3, 4]

const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/[a-z]/.test(character)) return lower
  if (/[A-Z]/.test(character)) return upper
  if (/[0-9]/.test(character)) return digit
  return /[+/_-]/.test(character) ? sign : none
})

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? kinds[code]! : none
}
