/** A training text with its hashed tokens and windows. */

import { visitTokens, windowsOf } from '@hadal/guard'

export interface TrainingExample {
  readonly isAttack: boolean
  /** Index of the text that this is, or a variant of. */
  readonly original: number
  /** Weight in the loss. */
  readonly weight: number
  /** Hashes of all tokens, concatenated. */
  readonly ids: Int32Array
  /** Start of each token's ids; one more than the number of tokens. */
  readonly offsets: Int32Array
  /** End of each token's ids that were rare before in the text: those that count for the whole. */
  readonly freshEnds: Int32Array
  /** Pairs of token indices. */
  readonly windows: Int32Array
}

export function trainingExample(
  text: string,
  isAttack: boolean,
  weight: number,
  original: number,
): TrainingExample {
  let ids = new Int32Array(text.length * 6 + 64)
  let length = 0
  const offsets = [0]
  const freshEnds: number[] = []
  const units: number[] = []
  visitTokens(text, (token) => {
    if (length + token.count > ids.length) {
      const longer = new Int32Array(ids.length * 2 + token.count)
      longer.set(ids)
      ids = longer
    }
    ids.set(token.ids.subarray(0, token.count), length)
    freshEnds.push(length + token.fresh)
    length += token.count
    offsets.push(length)
    units.push(token.units)
  })
  return {
    isAttack,
    original,
    weight,
    ids: ids.slice(0, length),
    offsets: Int32Array.from(offsets),
    freshEnds: Int32Array.from(freshEnds),
    windows: windowsOf(units, units.length),
  }
}
