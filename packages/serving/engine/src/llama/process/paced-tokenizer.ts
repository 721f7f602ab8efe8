/** Tokenises many texts of one request, yielding regularly so that steps can run. */

import { setImmediate } from 'node:timers/promises'
import type { Vocabulary } from './vocabulary.ts'

/** Undefined if cancelled. */
export type Tokenize = (
  text: string,
  options: { readonly addSpecial: boolean; readonly parseSpecial: boolean },
) => Promise<number[] | undefined>

/** Bytes tokenised per turn: some 10 ms. */
const bytesPerTurn = 32_768
/** A short text costs as much as this many bytes. */
const minCost = 32

export function pacedTokenizer(vocabulary: Pick<Vocabulary, 'tokenize'>, isWanted: () => boolean): Tokenize {
  let cost = 0
  return async (text, { addSpecial, parseSpecial }) => {
    cost += Buffer.byteLength(text) + minCost
    if (cost > bytesPerTurn) {
      cost = 0
      await setImmediate()
    }
    return isWanted() ? vocabulary.tokenize(text, addSpecial, parseSpecial, isWanted) : undefined
  }
}
