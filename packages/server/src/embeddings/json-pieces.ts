/**
 * A long list as JSON, piece by piece: a million numbers take a third of a second to write, in which no other answer would
 * move. Knows nothing of what is in it.
 */

import { setImmediate } from 'node:timers/promises'
import type { ListAnswer } from './answers.ts'

/** Characters; some milliseconds. */
const pieceLength = 262_144
/** Stands where the items go; no item is a text. */
const place = '\u0000'

export async function* jsonPieces<Item>({ items, around }: ListAnswer<Item>): AsyncGenerator<string> {
  const [before, after] = JSON.stringify(around([place as Item])).split(JSON.stringify(place)) as [
    string,
    string,
  ]
  let piece = before
  let separator = ''
  for (const item of items) {
    piece += separator + JSON.stringify(item)
    separator = ','
    if (piece.length < pieceLength) continue
    yield piece
    piece = ''
    await setImmediate()
  }
  yield piece + after
}
