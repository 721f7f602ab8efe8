/** Decodes reversed text if the result looks more like language: the whole text, or each word. */

import { gainByReversing, likeness } from './letter-pairs.ts'
import { backwards, Weave, type Woven } from './origin.ts'
import { stretchesOf } from './stretches.ts'

/** Minimum likeness of the result, and its gain over the input. */
const minLikeness = 0.5
const minDifference = 0.7
/** Fewer characters may be abbreviations. */
const minLength = 16

export function readReversed(text: string): Woven | undefined {
  return read(text, (weave, start, end) => weave.mirror(start, end))
}

export function readReversedWords(text: string): Woven | undefined {
  return read(text, (weave, start, end) => {
    for (let at = start; at < end; at += 1) {
      const wordStart = at
      while (at < end && !/\s/.test(text[at]!)) at += 1
      if (at > wordStart) weave.mirror(wordStart, at)
    }
  })
}

function read(text: string, turn: (weave: Weave, start: number, end: number) => void): Woven | undefined {
  const weave = new Weave(text)
  for (const { start, end } of stretchesOf(text, gainByReversing)) {
    const written = text.slice(start, end)
    if (written.length < minLength) continue
    const said = likeness(backwards(written))
    if (said >= minLikeness && said - likeness(written) >= minDifference) turn(weave, start, end)
  }
  return weave.isChanged ? weave.finish() : undefined
}
