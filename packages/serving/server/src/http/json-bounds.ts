/**
 * Bounds on the structure of a JSON body, checked while its bytes arrive: `JSON.parse` blocks the event loop for long when a few megabytes are
 * empty objects, fields or nested arrays.
 */

import { maxDepth, maxValues } from '@hadal/protocol'
import { invalidRequest } from '../errors.ts'

/** The text of strings is not bounded here: only structure is expensive. */
export const jsonBounds: Readonly<Record<'depth' | 'fields' | 'arrays' | 'values', number>> = {
  depth: maxDepth,
  /** Objects and their fields. */
  fields: maxValues,
  arrays: 65_536,
  /** Items of arrays and fields. A prompt of token ids or a tensor is many of them. */
  values: 262_144,
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d]

export class JsonBounds {
  #depth = 0
  #fields = 0
  #arrays = 0
  #values = 0
  #inString = false
  /** The last piece ended within a string, after a backslash that escapes the next byte. */
  #escapes = false

  /** Takes the next bytes of the body; pieces may end anywhere. Throws `invalid_request` when a bound is exceeded. */
  take(piece: Uint8Array): void {
    let at = 0
    while (at < piece.length) {
      at = this.#inString ? this.#skipString(piece, at) : this.#count(piece, at)
    }
    if (this.#fields > jsonBounds.fields) exceeded(`hold at most ${jsonBounds.fields} objects and fields`)
    if (this.#arrays > jsonBounds.arrays) exceeded(`hold at most ${jsonBounds.arrays} arrays`)
    if (this.#values > jsonBounds.values) exceeded(`hold at most ${jsonBounds.values} values`)
  }

  /** Counts structure up to the next string or the end of the piece, and returns that position. */
  #count(piece: Uint8Array, from: number): number {
    for (let at = from; at < piece.length; at += 1)
      switch (piece[at]) {
        case quote:
          this.#inString = true
          return at + 1
        case openObject:
          this.#fields += 1
          this.#open()
          break
        case openArray:
          this.#arrays += 1
          this.#open()
          break
        case closeObject:
        case closeArray:
          this.#depth -= 1
          break
        case colon:
          this.#fields += 1
          break
        case comma:
          this.#values += 1
      }
    return piece.length
  }

  #open(): void {
    this.#depth += 1
    if (this.#depth > jsonBounds.depth) exceeded(`nest at most ${jsonBounds.depth} levels deep`)
  }

  /** Returns the position after the next quote or the end of the piece. */
  #skipString(piece: Uint8Array, from: number): number {
    const found = piece.indexOf(quote, from)
    const end = found === -1 ? piece.length : found
    let start = end
    while (start > from && piece[start - 1] === backslash) start -= 1
    const isEscaped = ((end - start) % 2 === 1) !== (start === from && this.#escapes)
    this.#escapes = found === -1 && isEscaped
    this.#inString = found === -1 || isEscaped
    return end + 1
  }
}

function exceeded(rule: string): never {
  throw invalidRequest([{ param: '', message: `must ${rule}` }])
}
