/** Serializes a long list as JSON in pieces: a million numbers take a third of a second, which would block every other response. */

import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'

/** A list whose items are produced one at a time, and its enclosing JSON. */
export interface ListAnswer<Item> {
  readonly items: Iterable<Item>
  /** The response with these items. */
  around(items: readonly Item[]): unknown
}

export const sendList = <Item>(reply: FastifyReply, list: ListAnswer<Item>): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(Readable.from(jsonPieces(list)))

/** In characters; takes a few milliseconds. */
const pieceLength = 262_144

export async function* jsonPieces<Item>({ items, around }: ListAnswer<Item>): AsyncGenerator<string> {
  /** Placeholder for the items; random, so it cannot collide with content. */
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
