/** Decodes percent encoding: `%69%67`, `%u0069`, including repeated encoding (`%252569`). */

import { hexNumber } from './digits.ts'
import { Weave, type Woven } from './origin.ts'
import { weaveBytes } from './readable.ts'

export function readPercent(text: string): Woven | undefined {
  let at = text.indexOf('%')
  if (at < 0) return undefined
  const weave = new Weave(text)
  let bytes: number[] = []
  let places: number[] = []
  while (at >= 0) {
    let digits = at + 1
    while (text.startsWith('25', digits)) digits += 2
    if (digits > at + 1 && hexNumber(text, digits, 2) < 0 && !isUnit(text, digits)) digits -= 2
    if (isUnit(text, digits)) {
      weave.replace(at, digits + 5, String.fromCharCode(hexNumber(text, digits + 1, 4)))
      at = text.indexOf('%', digits + 5)
      continue
    }
    const byte = hexNumber(text, digits, 2)
    const end = byte < 0 ? at + 1 : digits + 2
    if (byte >= 0) {
      bytes.push(byte)
      places.push(at, end)
    }
    const next = text.indexOf('%', end)
    if (bytes.length > 0 && next !== end) {
      weaveBytes(weave, bytes, places)
      bytes = []
      places = []
    }
    at = next
  }
  return weave.isChanged ? weave.finish() : undefined
}

const isUnit = (text: string, at: number): boolean =>
  (text[at] === 'u' || text[at] === 'U') && hexNumber(text, at + 1, 4) >= 0
