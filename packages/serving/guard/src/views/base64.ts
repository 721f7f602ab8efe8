/**
 * Reads base64, the alphabet for URLs too: in one word, in lines, in groups, word by word, with other characters before it;
 * and base64 that went through rot13 or was turned around. Words, paths and identifiers look the same and say nothing that
 * people could read.
 */

import { likeness } from './letter-pairs.ts'
import { backwards, Weave, type Woven } from './origin.ts'
import { looksWritten, mayBeRead, readAll, readRuns } from './readable.ts'
import { rotated } from './rot13.ts'

/** Of a word that is read on its own, and of one among others. */
const minLength = 8
const minOfMany = 4
/** From here on, being readable is enough: what is read may be encoded once more. */
const longWord = 20
/** From here on, a part of it may be readable. */
const veryLongWord = 24
/** Chunks before a group that look like words, at most. */
const maxLeading = 4
/** What belongs together is no further apart. */
const longestGap = 8

/** A run of the alphabet. */
interface Word {
  readonly start: number
  /** Its padding included. */
  readonly end: number
}

interface Disguise {
  undo(written: string): string
  /** What of the disguised word is its beginning, in so many characters. */
  head(written: string, length: number): string
}
const rot13: Disguise = { undo: rotated, head: (written, length) => written.slice(0, length) }
const reversal: Disguise = { undo: backwards, head: (written, length) => written.slice(-length) }

export function readBase64(text: string): Woven | undefined {
  return readWords(text)
}

/** What was encoded in base64, then in rot13: that is no language, so rot13 alone does not show it. */
export function readRotatedBase64(text: string): Woven | undefined {
  return readWords(text, rot13)
}

/** What was encoded in base64, then turned around. */
export function readReversedBase64(text: string): Woven | undefined {
  return readWords(text, reversal)
}

/**
 * Groups are words that only white space parts and that are long or mixed: case or digits change in them as they do in
 * base64, and rarely in words. Words between them as long as the first belong to them, too.
 */
function readWords(text: string, disguise?: Disguise): Woven | undefined {
  const weave = new Weave(text)
  let group: Word[] = []
  // How many words at its beginning look like ordinary ones.
  let leading = 0
  // Short words of one length that belong to none yet.
  let before: Word[] = []
  const close = (): void => {
    if (group.length === 0) return
    if (group.length === 1 || disguise !== undefined) readEach(weave, group, disguise)
    else readGroup(weave, group, leading)
    group = []
    leading = 0
  }
  for (let at = 0; at < text.length; at += 1) {
    let kind = kindAt(text, at)
    if (kind === none) continue
    const start = at
    let isMixed = false
    for (let kindBefore = none, capitals = 0; kind !== none; kind = kindAt(text, at)) {
      if (kind !== kindBefore && kind !== sign && kindBefore !== none && kindBefore !== sign) {
        isMixed ||= kind !== lower || kindBefore !== upper || capitals > 1
      }
      capitals = kind === upper ? capitals + 1 : 0
      kindBefore = kind
      at += 1
    }
    let end = at
    while (end < at + 2 && text[end] === '=') end += 1
    const isLikely = isMixed || end > at || end - start >= longWord
    at = Math.max(at, end - 1)
    if (group.length > 0 && !isGap(text, group.at(-1)!.end, start)) close()
    if (end - start < minOfMany) close()
    else if (isLikely || (group.length > 0 && mayGoOn(text, group, start, end))) {
      if (group.length === 0 && continues(text, before, start, end)) {
        group.push(...before.slice(-maxLeading))
        leading = group.length
      }
      before = []
      group.push({ start, end })
    } else {
      close()
      if (end - start < minLength) {
        if (!continues(text, before, start, end)) before = []
        before.push({ start, end })
      }
    }
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
function isWord(text: string, { start, end }: Word): boolean {
  const word = text.slice(start, end)
  return /^[A-Za-z]+$/.test(word) && likeness(word) > 0
}

/** Word by word where each says something, together otherwise. Chunks of one length belong together. */
function readGroup(weave: Weave, words: readonly Word[], leading: number): void {
  const { source } = weave
  const lengths = words.map(({ start, end }) => end - start)
  const areChunks = lengths.every(
    (length, at) => length === lengths[0] || (at === words.length - 1 && at > 1),
  )
  if (!areChunks) {
    const said = words.map(({ start, end }) => readWord(source.slice(start, end), minOfMany))
    if (!said.includes(undefined)) {
      for (const [index, { start, end }] of words.entries()) weave.replace(start, end, said[index]!)
      return
    }
  }
  const joined = (start: number, end: number): string => source.slice(start, end).replace(/\s+/g, '')
  const last = words.at(-1)!
  const lastNoWord = words.findLast((word) => !isWord(source, word)) ?? last
  const ends = last === lastNoWord ? [last, words.at(-2)!] : [lastNoWord, last]
  // The first ones and the last ones may be ordinary words.
  for (const { start } of words.slice(0, Math.max(leading, 1) + 1)) {
    for (const { end } of ends) {
      const whole = end > start ? readWhole(joined(start, end)) : undefined
      if (whole === undefined) continue
      weave.replace(start, end, whole)
      return
    }
  }
  const { start } = words[leading]!
  const together = readWord(joined(start, last.end), minLength)
  if (together === undefined) readEach(weave, words)
  else weave.replace(start, last.end, together)
}

function readEach(weave: Weave, words: readonly Word[], disguise?: Disguise): void {
  for (const { start, end } of words) {
    if (end - start < minLength) continue
    const written = weave.source.slice(start, end)
    const said = disguise === undefined ? readWord(written, minLength) : readDisguised(written, disguise)
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

/** Most words show in their first bytes that they say nothing: those are not undone. */
function readDisguised(written: string, { undo, head }: Disguise): string | undefined {
  const beginning = undo(head(written, 4))
  return mayBeRead(byteAt(beginning, 0), byteAt(beginning, 1)) ? readWhole(undo(written)) : undefined
}

/** All of it, or nothing. */
function readWhole(encoded: string): string | undefined {
  if (!mayBeRead(byteAt(encoded, 0), byteAt(encoded, 1))) return undefined
  const said = readAll(Buffer.from(encoded, 'base64'))
  return said !== undefined && (encoded.length >= longWord || looksWritten(said)) ? said : undefined
}

/** The first byte that is encoded, or the second. */
function byteAt(encoded: string, at: 0 | 1): number {
  const value = (sixBits(encoded, at) << 6) | sixBits(encoded, at + 1)
  return (value >> (at === 0 ? 4 : 2)) & 0xff
}

function isGap(text: string, from: number, to: number): boolean {
  if (to - from > longestGap) return false
  for (let at = from; at < to; at += 1) if (text.charCodeAt(at) > 32) return false
  return true
}

const [none, lower, upper, digit, sign] = [0, 1, 2, 3, 4]

/** Of ASCII characters: what they are, and what they stand for. */
const kinds = new Uint8Array(128)
const values = new Uint8Array(128)
for (const [kind, first, characters] of [
  [upper, 0, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  [lower, 26, 'abcdefghijklmnopqrstuvwxyz'],
  [digit, 52, '0123456789'],
  [sign, 62, '+/'],
  [sign, 62, '-_'],
] as const) {
  for (const [index, character] of [...characters].entries()) {
    kinds[character.charCodeAt(0)] = kind
    values[character.charCodeAt(0)] = first + index
  }
}

function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code < 128 ? kinds[code]! : none
}

const sixBits = (text: string, at: number): number => values[text.charCodeAt(at) & 127]!
