/**
 * Decodes base64, including the URL alphabet: as one word, in lines, in groups, word by word, after other characters; and base64 after
 * rot13 or reversal. Ordinary words, paths and identifiers also match but decode to unreadable bytes.
 */

import { likeness } from './letter-pairs.ts'
import { backwards, Weave, type Woven } from './origin.ts'
import { looksWritten, mayBeRead, readAll, readRuns } from './readable.ts'
import { rotated } from './rot13.ts'

/** For a single word, and for one of several. */
const minLength = 8
const minOfMany = 4
/** Above this, readability suffices: the content may be encoded again. */
const longWord = 20
/** Above this, partial readability suffices. */
const veryLongWord = 24
/** Maximum leading chunks that look like words. */
const maxLeading = 4
/** Maximum gap within a group. */
const longestGap = 8

/** A run of the alphabet. */
interface Word {
  readonly start: number
  /** Including padding. */
  readonly end: number
}

interface Disguise {
  undo(written: string): string
  /** The start of the undisguised word. */
  head(written: string, length: number): string
}
const rot13: Disguise = { undo: rotated, head: (written, length) => written.slice(0, length) }
const reversal: Disguise = { undo: backwards, head: (written, length) => written.slice(-length) }

export function readBase64(text: string): Woven | undefined {
  return readWords(text)
}

/** Base64 followed by rot13: not natural language, so rot13 detection alone misses it. */
export function readRotatedBase64(text: string): Woven | undefined {
  return readWords(text, rot13)
}

/** Base64 followed by reversal. */
export function readReversedBase64(text: string): Woven | undefined {
  return readWords(text, reversal)
}

/**
 * Groups are words separated only by white space that are long or change case or digits as base64 does and words rarely do. Words between
 * them with the length of the first belong to the group.
 */
function readWords(text: string, disguise?: Disguise): Woven | undefined {
  const weave = new Weave(text)
  let group: Word[] = []
  // Number of leading words that look ordinary.
  let leading = 0
  // Short words of equal length not yet in a group.
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

/** A word as long as the group's first, or a shorter last line. */
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

/** True for natural-language words. */
function isWord(text: string, { start, end }: Word): boolean {
  const word = text.slice(start, end)
  return /^[A-Za-z]+$/.test(word) && likeness(word) > 0
}

/** Decodes word by word if each is readable, otherwise concatenated. Chunks of equal length belong together. */
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
  // The first and last words may be ordinary.
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
  // With leading text, decoding starts at another offset.
  let best = ''
  for (let from = 0; from < 4; from += 1) {
    const runs = readRuns(Buffer.from(encoded.slice(from), 'base64')) ?? ''
    if (runs.length > best.length) best = runs
  }
  return best === '' ? undefined : best
}

/** The first bytes rule out most words before decoding. */
function readDisguised(written: string, { undo, head }: Disguise): string | undefined {
  const prefix = undo(head(written, 4))
  return mayBeRead(byteAt(prefix, 0), byteAt(prefix, 1)) ? readWhole(undo(written)) : undefined
}

/** All or nothing. */
function readWhole(encoded: string): string | undefined {
  if (!mayBeRead(byteAt(encoded, 0), byteAt(encoded, 1))) return undefined
  const said = readAll(Buffer.from(encoded, 'base64'))
  return said !== undefined && (encoded.length >= longWord || looksWritten(said)) ? said : undefined
}

/** The first or second encoded byte. */
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

/** ASCII character classes and their base64 values. */
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
