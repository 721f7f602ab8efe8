/** Decodes rot13 if the result looks more like language. */

import { gainByRot13, likeness } from './letter-pairs.ts'
import { Weave, type Woven } from './origin.ts'
import { stretchesOf } from './stretches.ts'

/** Minimum likeness of the result, and maximum of the input: names and abbreviations lie between. */
const minLikeness = 0.5
const maxLikeness = 0

export function readRot13(text: string): Woven | undefined {
  const weave = new Weave(text)
  for (const { start, end } of stretchesOf(text, gainByRot13)) {
    const written = text.slice(start, end)
    const said = rotated(written)
    if (likeness(said) >= minLikeness && likeness(written) <= maxLikeness) weave.swap(start, end, said)
  }
  return weave.isChanged ? weave.finish() : undefined
}

/** Applies rot13 to ASCII letters. */
export function rotated(text: string): string {
  const codes = Buffer.from(text, 'utf16le')
  for (let at = 0; at < codes.length; at += 2) {
    const lower = codes[at]! | 32
    if (codes[at + 1] === 0 && lower >= 97 && lower <= 122) codes[at]! += lower < 110 ? 13 : -13
  }
  return codes.toString('utf16le')
}
