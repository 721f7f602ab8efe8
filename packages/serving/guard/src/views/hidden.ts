/**
 * Decodes text hidden in invisible characters: tag characters (ASCII at U+E0000), variation selectors (a byte each) and zero-width
 * characters (a bit each). Emoji flags and selectors after emoji and Han characters are legitimate.
 */

import { Weave, type Woven } from './origin.ts'
import { readAll } from './readable.ts'

const minCharacters = 3
const blackFlag = 0x1f3f4
/** England, Scotland and Wales: a black flag, tag letters and the end tag. The only ones in use. */
const flags = new Set(
  ['gbeng', 'gbsct', 'gbwls'].map((region) =>
    String.fromCodePoint(
      blackFlag,
      ...Array.from(region, (letter) => 0xe0000 + letter.charCodeAt(0)),
      0xe007f,
    ),
  ),
)
/** In UTF-16 units. */
const flagLength = 14

/** A piece of hidden text. */
interface Piece {
  readonly start: number
  readonly end: number
  readonly said: string
}

interface Hidden {
  /** Only the hidden text; it may be interleaved with visible characters. */
  readonly alone: Woven
  /** In place among visible text, if there is any. */
  readonly inPlace?: Woven
}

export function readHidden(text: string): Hidden | undefined {
  const pieces = piecesOf(text)
  if (pieces.length === 0) return undefined
  const alone = new Weave(text)
  const inPlace = new Weave(text)
  let end = 0
  for (const piece of pieces) {
    alone.drop(end, piece.start)
    alone.replace(piece.start, piece.end, piece.said)
    inPlace.replace(piece.start, piece.end, piece.said)
    end = piece.end
  }
  alone.drop(end, text.length)
  return { alone: alone.finish(), ...(/[\p{L}\p{N}]/u.test(text) && { inPlace: inPlace.finish() }) }
}

function piecesOf(text: string): readonly Piece[] {
  if (text.includes('\udb40')) {
    const found = tagsOf(text)
    const pieces = found.length >= minCharacters ? found : selectorsOf(text)
    if (pieces.length >= minCharacters) return pieces
  }
  return bitsOf(text)
}

/** Length of the tag-sequence flag at a position; 0 if there is none. */
export function flagAt(text: string, at: number): number {
  return text.codePointAt(at) === blackFlag && flags.has(text.slice(at, at + flagLength)) ? flagLength : 0
}

function tagsOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let flagEnd = 0
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) !== 0xdb40) continue
    if (at >= 2 && at >= flagEnd) flagEnd = at - 2 + flagAt(text, at - 2)
    const code = text.codePointAt(at)!
    if (at >= flagEnd && code >= 0xe0020 && code < 0xe007f) {
      pieces.push({ start: at, end: at + 2, said: String.fromCharCode(code - 0xe0000) })
    }
  }
  return pieces
}

/** U+FE00 is 0, U+E0100 is 16. */
function selectorsOf(text: string): Piece[] {
  const places: { start: number; end: number }[] = []
  const bytes: number[] = []
  for (const { 0: selector, index } of text.matchAll(/[\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu)) {
    const code = selector.codePointAt(0)!
    // Ordinary after emoji.
    if (code < 0xe0000 && !/[\t\n\r]/.test(String.fromCharCode(code - 0xfe00))) continue
    bytes.push(code < 0xe0000 ? code - 0xfe00 : code - 0xe0100 + 16)
    places.push({ start: index, end: index + selector.length })
  }
  return piecesOfBytes(bytes, (at) => places[at]!)
}

/** The two zero-width characters are bits 0 and 1, eight per byte. */
function bitsOf(text: string): readonly Piece[] {
  const pairs = ['\u200b\u200c', '\u200c\u200d', '\u200b\u200d', '\u2062\u2064'] as const
  for (const [zero, one] of pairs) {
    if (!text.includes(zero!) || !text.includes(one!)) continue
    const places: number[] = []
    for (let at = 0; at < text.length; at += 1) if (text[at] === zero || text[at] === one) places.push(at)
    if (places.length < 8 * minCharacters) continue
    for (const ones of [one, zero]) {
      const bytes = Array.from({ length: Math.floor(places.length / 8) }, (_, byte) =>
        places.slice(byte * 8, byte * 8 + 8).reduce((bits, at) => bits * 2 + (text[at] === ones ? 1 : 0), 0),
      )
      const pieces = piecesOfBytes(bytes, (byte) => ({
        start: places[byte * 8]!,
        end: places[byte * 8 + 7]! + 1,
      }))
      if (pieces.length >= minCharacters) return pieces
    }
  }
  return []
}

function piecesOfBytes(bytes: number[], placeOf: (byte: number) => { start: number; end: number }): Piece[] {
  const text = readAll(Uint8Array.from(bytes))
  if (text === undefined) return []
  let byte = 0
  return Array.from(text, (said) => {
    const size = Buffer.byteLength(said)
    const { start } = placeOf(byte)
    byte += size
    return { start, end: placeOf(byte - 1).end, said }
  })
}
