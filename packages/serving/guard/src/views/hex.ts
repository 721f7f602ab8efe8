/**
 * Decodes hexadecimal bytes: `69676e`, `69 67 6e`, `0x69, 0x67`, `69:67:6e`. `\x69` is an escape. Numbers, hashes, UUIDs and addresses also
 * match but decode to unreadable bytes.
 */

import { hexDigit, hexNumber } from './digits.ts'
import { Weave, type Woven } from './origin.ts'
import { looksWritten, readAll, readRuns } from './readable.ts'

const minBytes = 6
/** Above this, readability suffices: the content may be encoded again. */
const manyBytes = 16
const longestGap = 2
/** Nested hexadecimal digits, or signs of other encodings between them. */
const encodedAgain = /^[0-9a-fux%\\&#;, ]+$/i

export function readHex(text: string): Woven | undefined {
  const weave = new Weave(text)
  for (let at = 0; at < text.length; ) {
    if (!startsHere(text, at)) {
      at += 1
      continue
    }
    const bytes = bytesAt(text, at)
    const said = bytes.bytes.length < minBytes ? undefined : readBytes(bytes)
    if (said !== undefined) weave.replace(at, bytes.end, said)
    at = Math.max(bytes.end, at + 1)
  }
  return weave.isChanged ? weave.finish() : undefined
}

interface Bytes {
  readonly bytes: number[]
  readonly end: number
  readonly hasGaps: boolean
  /** Only decimal digits and no hexadecimal prefix: may be a plain number. */
  readonly isDecimal: boolean
}

/** At the first digit of a word. */
function startsHere(text: string, at: number): boolean {
  if (hexDigit(text.charCodeAt(at)) < 0) return false
  if (at === 0) return true
  const before = text.charCodeAt(at - 1)
  return hexDigit(before) < 0 && !isLetter(before)
}

function bytesAt(text: string, start: number): Bytes {
  const bytes: number[] = []
  let [end, hasGaps, isDecimal] = [start, false, true]
  for (let at = start; ; ) {
    if (text[at] === '0' && (text[at + 1] === 'x' || text[at + 1] === 'X')) {
      at += 2
      isDecimal = false
    }
    const byte = hexNumber(text, at, 2)
    if (byte < 0) break
    isDecimal &&= (byte & 15) < 10
    hasGaps ||= at > end
    bytes.push(byte)
    end = at + 2
    at = end
    while (at < end + longestGap && isGap(text.charCodeAt(at))) at += 1
  }
  return { bytes, end, hasGaps, isDecimal }
}

function readBytes({ bytes, hasGaps, isDecimal }: Bytes): string | undefined {
  const all = readAll(Uint8Array.from(bytes))
  if (
    all !== undefined &&
    (looksWritten(all) || (bytes.length >= manyBytes && (!hasGaps || !isDecimal || encodedAgain.test(all))))
  )
    return all
  return bytes.length >= manyBytes && !isDecimal ? readRuns(Uint8Array.from(bytes)) : undefined
}

const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122

/** White space, comma, hyphen, colon, semicolon. */
const isGap = (code: number): boolean =>
  code === 32 || code === 10 || code === 13 || code === 44 || code === 45 || code === 58 || code === 59
