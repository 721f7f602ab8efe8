/** Tokenises many texts for one request, and lets the event loop turn now and then: others have steps to make meanwhile. */

import { setImmediate } from 'node:timers/promises'
import type { Vocabulary } from './vocabulary.ts'

/** Undefined when nobody wants it any more. */
export type Tokenize = (
  text: string,
  options: { readonly addSpecial: boolean; readonly parseSpecial: boolean },
) => Promise<number[] | undefined>

/** Tokenised in one turn: some 10 ms. */
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
