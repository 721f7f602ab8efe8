/**
 * Reads bytes written as hexadecimal digits: `69676e`, `69 67 6e`, `0x69, 0x67`, `69:67:6e`. `\x69` is an escape. Numbers,
 * hashes, UUIDs and addresses look the same and say nothing that people could read.
 */

import { hexDigit, hexNumber } from './digits.ts'
import { Weave, type Woven } from './origin.ts'
import { looksWritten, readAll, readRuns } from './readable.ts'

const leastBytes = 6
/** From here on, being readable is enough: what is read may be encoded once more. */
const manyBytes = 16
const longestGap = 2

export function readHex(text: string): Woven | undefined {
  const weave = new Weave(text)
  for (let at = 0; at < text.length; ) {
    if (!startsHere(text, at)) {
      at += 1
      continue
    }
    const { bytes, end, isPlain } = bytesAt(text, at)
    const said = bytes.length < leastBytes ? undefined : readBytes(Uint8Array.from(bytes), isPlain)
    if (said !== undefined) weave.replace(at, end, said)
    at = Math.max(end, at + 1)
  }
  return weave.isChanged ? weave.finish() : undefined
}

interface Bytes {
  readonly bytes: number[]
  readonly end: number
  /** Without gaps or signs, as long numbers are written, or with nothing but decimal digits. */
  readonly isPlain: boolean
}

/** At a digit that begins a word. */
function startsHere(text: string, at: number): boolean {
  if (hexDigit(text.charCodeAt(at)) < 0) return false
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  return hexDigit(before) < 0 && !isLetter(before)
}

function bytesAt(text: string, start: number): Bytes {
  const bytes: number[] = []
  let [end, hasLetters] = [start, false]
  for (let at = start; ; ) {
    if (text[at] === '0' && (text[at + 1] === 'x' || text[at + 1] === 'X')) {
      at += 2
      hasLetters = true
    }
    const byte = hexNumber(text, at, 2)
    if (byte < 0) break
    hasLetters ||= (byte & 15) > 9
    bytes.push(byte)
    end = at + 2
    at = end
    while (at < end + longestGap && isGap(text.charCodeAt(at))) at += 1
  }
  return { bytes, end, isPlain: !hasLetters }
}

function readBytes(bytes: Uint8Array, isPlain: boolean): string | undefined {
  const all = readAll(bytes)
  if (all === undefined) return bytes.length < manyBytes ? undefined : readRuns(bytes)
  if (looksWritten(all)) return all
  if (bytes.length < manyBytes) return undefined
  return isPlain && /[^0-9a-f]/i.test(all) ? undefined : all
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122

/** White space, comma, hyphen, colon, semicolon. */
const isGap = (code: number): boolean =>
  code === 32 || code === 10 || code === 13 || code === 44 || code === 45 || code === 58 || code === 59
