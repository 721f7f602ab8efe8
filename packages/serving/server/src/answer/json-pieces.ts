/**
 * A long list as JSON, piece by piece: a million numbers take a third of a second to write, in which no other answer would
 * move. Knows nothing of what is in it.
 */

import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'

/** A list whose items are made one at a time, and what stands around it. */
export interface ListAnswer<Item> {
  readonly items: Iterable<Item>
  /** The answer with these items. */
  around(items: readonly Item[]): unknown
}

export const sendList = <Item>(reply: FastifyReply, list: ListAnswer<Item>): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(Readable.from(jsonPieces(list)))

/** Characters; some milliseconds. */
const pieceLength = 262_144

export async function* jsonPieces<Item>({ items, around }: ListAnswer<Item>): AsyncGenerator<string> {
  /** Stands where the items go: a text that nobody else can have written. */
  const place = randomUUID()
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
