/**
 * Reads base64, the alphabet for URLs too: in one word, in lines, in groups, word by word, with other characters before it;
 * and base64 that went through rot13 or was turned around. Words, paths and identifiers look the same and say nothing that
 * people could read.
 */

import { Weave, type Woven } from './origin.ts'
import { looksWritten, readAll, readRuns } from './readable.ts'
import { rotated } from './rot13.ts'

/** Of a word that is read on its own. */
const leastLength = 8
/** From here on, being readable is enough: what is read may be encoded once more. */
const longWord = 16
/** What belongs together is no further apart. */
const longestGap = 8

interface Word {
  readonly start: number
  /** Padding is part of it. */
  readonly end: number
  /** Case or digits change within it as they do in base64, and rarely in words. */
  readonly isMixed: boolean
}

export function readBase64(text: string): Woven | undefined {
  return readWords(text, (encoded) => encoded)
}

/** What was encoded in base64, then in rot13: that is no language, so rot13 alone does not show it. */
export function readRotatedBase64(text: string): Woven | undefined {
  return readWords(text, rotated)
}

/** What was encoded in base64, then turned around. */
export function readReversedBase64(text: string): Woven | undefined {
  return readWords(text, (encoded) => [...encoded].reverse().join(''))
}

function readWords(text: string, undo: (encoded: string) => string): Woven | undefined {
  const weave = new Weave(text)
  const words = wordsOf(text)
  for (let first = 0; first < words.length; ) {
    const { isMixed, start, end } = words[first]!
    if (!isMixed && end - start < longWord) {
      first += 1
      continue
    }
    const last = lastOfGroup(text, words, first)
    readGroup(weave, words.slice(first, last + 1), undo)
    first = last + 1
  }
  return weave.isChanged ? weave.finish() : undefined
}

/** Mixed words that only white space parts, and words as long as the first among them. */
function lastOfGroup(text: string, words: readonly Word[], first: number): number {
  let last = first
  const length = words[first]!.end - words[first]!.start
  for (let at = first + 1; at < words.length; at += 1) {
    const [before, word] = [words[at - 1]!, words[at]!]
    if (!isGap(text, before.end, word.start)) break
    if (word.isMixed) last = at
    else if (word.end - word.start !== length) break
  }
  return last
}

function readGroup(weave: Weave, words: readonly Word[], undo: (encoded: string) => string): void {
  const said = words.map(({ start, end }) => readWord(undo(weave.source.slice(start, end)), words.length > 1))
  const lengths = new Set(words.slice(0, -1).map(({ start, end }) => end - start))
  const areChunks = lengths.size === 1 && words.length > 2
  const [start, end] = [words[0]!.start, words.at(-1)!.end]
  if (words.length > 1 && (areChunks || said.includes(undefined))) {
    const joined = undo(weave.source.slice(start, end).replace(/\s+/g, ''))
    const together = readWord(joined, false)
    if (together !== undefined) {
      weave.replace(start, end, together)
      return
    }
  }
  const isLone = words.length === 1 || said.includes(undefined)
  for (const [index, word] of words.entries()) {
    const text = said[index]
    if (text !== undefined && (!isLone || word.end - word.start >= leastLength)) {
      weave.replace(word.start, word.end, text)
    }
  }
}

function readWord(encoded: string, isOfMany: boolean): string | undefined {
  const length = encoded.length
  if (length < (isOfMany ? 4 : leastLength)) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  const all = readAll(bytes)
  if (all !== undefined && (length >= longWord + 4 || looksWritten(all))) return all
  if (length < longWord * 1.5) return undefined
  // With something before it, the bytes begin at another letter.
  let best = ''
  for (let from = 0; from < 4; from += 1) {
    const runs = readRuns(Buffer.from(encoded.slice(from), 'base64')) ?? ''
    if (runs.length > best.length) best = runs
  }
  return best.length * 5 >= length * 3 || looksWritten(best) ? best : undefined
}

function isGap(text: string, from: number, to: number): boolean {
  return to - from <= longestGap && text.slice(from, to).trim() === ''
}

/** Of four characters and more, with their padding. */
function wordsOf(text: string): Word[] {
  const words: Word[] = []
  for (let at = 0; at < text.length; at += 1) {
    let [kind, before, isMixed] = [kindAt(text, at), none, false]
    if (kind === none) continue
    const start = at
    for (let capitals = 0; kind !== none; kind = kindAt(text, at)) {
      if (kind === upper ? before === lower : kind === lower && (before === digit || capitals > 1))
        isMixed = true
      capitals = kind === upper ? capitals + 1 : 0
      before = kind
      at += 1
    }
    let end = at
    while (end < at + 2 && text[end] === '=') end += 1
    if (end - start >= 4) words.push({ start, end, isMixed: isMixed || end > at })
    at = Math.max(at, end - 1)
  }
  return words
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
