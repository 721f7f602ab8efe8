/** Decides whether decoded bytes are readable text. */

import { letterOf, likeness } from './letter-pairs.ts'
import type { Weave } from './origin.ts'

/** Minimum readable run in partly readable bytes: a probability of one in ten million for random ones. */
const minRun = 16

/** Control characters, unassigned and private-use code points, and U+FFFD. */
const unreadable = /[\p{Cn}\p{Co}\p{Cs}\ufffd]/u
const letters = /\p{L}/gu

/** Decodes as UTF-8, or as UTF-16 for ASCII content; undefined if any of it is unreadable. */
export function readAll(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return undefined
  if (bytes.length >= 8 && bytes[1] === 0 && bytes[3] === 0) return readUtf16(bytes)
  let isAscii = true
  for (let at = 0; at < bytes.length; ) {
    const size = characterSize(bytes, at)
    if (size === 0) return undefined
    if (size > 1) isAscii = false
    at += size
  }
  const read = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (isAscii) return read.toString('latin1')
  const text = read.toString('utf8')
  return unreadable.test(text) ? undefined : text
}

/** Quick check of the first two bytes, which rules out most candidates. */
export function mayBeRead(first: number, second: number): boolean {
  if (first >= 0x80) return first >= 0xc2 && first < 0xf5 && (second & 0xc0) === 0x80
  return !isControl(first) && (second === 0 || !isControl(second))
}

/** The readable runs joined by spaces; undefined if there are too few. */
export function readRuns(bytes: Uint8Array): string | undefined {
  const runs: string[] = []
  let [start, readable] = [0, 0]
  for (let at = 0; at <= bytes.length; ) {
    const size = at < bytes.length ? characterSize(bytes, at) : 0
    if (size > 0) {
      at += size
      continue
    }
    const run = at - start >= minRun ? readAll(bytes.subarray(start, at)) : undefined
    if (run !== undefined) {
      runs.push(run)
      readable += at - start
    }
    at += 1
    start = at
  }
  const text = runs.join(' ')
  return readable * 4 >= bytes.length * 3 || looksWritten(text) ? text : undefined
}

/** Whether a decoded text consists of words: for texts too short for readability alone. */
export function looksWritten(text: string): boolean {
  if (text === '') return false
  let [latin, spaces, beyond] = [0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code >= 0x80) beyond += 1
    else if (letterOf(code) > 0) latin += 1
    else if (code === 32) spaces += 1
  }
  const others = beyond === 0 ? 0 : (text.match(letters)?.length ?? 0) - latin
  if ((latin + spaces + others) * 5 < text.length * 4) return false
  return latin > others * 2 ? likeness(text) > 0.3 : others > 0
}

/**
 * Decodes individually encoded bytes as UTF-8; invalid bytes and control characters stay.
 *
 * @param places where each byte stands in the source of the weave: start and end in turn
 */
export function weaveBytes(weave: Weave, bytes: readonly number[], places: readonly number[]): void {
  for (let at = 0; at < bytes.length; ) {
    const size = characterSize(bytes, at)
    if (size > 0) {
      const said =
        size === 1
          ? String.fromCharCode(bytes[at]!)
          : Buffer.from(bytes.slice(at, at + size)).toString('utf8')
      if (said !== '\ufffd') weave.replace(places[at * 2]!, places[(at + size) * 2 - 1]!, said)
    }
    at += Math.max(size, 1)
  }
}

/** Byte length of the character; 0 if there is none or it is invalid. */
function characterSize(bytes: ArrayLike<number>, at: number): number {
  const byte = bytes[at]!
  if (byte < 0x80) return isControl(byte) ? 0 : 1
  const size = byte >= 0xf5 ? 0 : byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0
  if (at + size > bytes.length) return 0
  for (let next = 1; next < size; next += 1) if ((bytes[at + next]! & 0xc0) !== 0x80) return 0
  return size
}

/** Control characters other than white space. */
export const isControl = (byte: number): boolean =>
  (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte === 127

function readUtf16(bytes: Uint8Array): string | undefined {
  const low = bytes.filter((_, at) => at % 2 === 0)
  const isAscii = bytes.every((byte, at) => (at % 2 === 0 ? byte < 0x80 && !isControl(byte) : byte === 0))
  return isAscii ? Buffer.from(low).toString('latin1') : undefined
}
