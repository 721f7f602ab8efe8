/**
 * Selects windows of known attacks that are distinctive, and measures how similar benign windows are to them. Pure. Cross-validated: every
 * benign window is scored against attacks selected without its text.
 */

import type { EncodedWindow } from './encoded-windows.ts'
import { VectorSet } from './vector-set.ts'

export interface Sifted {
  /** Indices of the selected attack windows. */
  readonly kept: readonly number[]
  /** Per benign window: cosine to the nearest attack window. */
  readonly scores: readonly number[]
}

/** Number of folds of the benign texts. */
const folds = 5

/** All windows must be of one encoder. `leftOut`: fraction of attack windows dropped, those most similar to benign texts. */
export function siftWindows(
  attacks: readonly EncodedWindow[],
  benign: readonly EncodedWindow[],
  leftOut: number,
): Sifted {
  const cosines = cosinesOf(attacks, benign)
  const foldOf = benign.map(({ text }) => text % folds)
  /** Per attack window: the nearest benign window of each fold. */
  const nearest = new Float32Array(attacks.length * folds).fill(-1)
  for (let a = 0; a < attacks.length; a += 1)
    for (let b = 0; b < benign.length; b += 1) {
      const at = a * folds + foldOf[b]!
      nearest[at] = Math.max(nearest[at]!, cosines[a * benign.length + b]!)
    }
  const keptWithout = (fold: number): number[] => {
    const nearness = attacks.map((_, a) => {
      let most = -1
      for (let other = 0; other < folds; other += 1)
        if (other !== fold) most = Math.max(most, nearest[a * folds + other]!)
      return most
    })
    const limit = nearness.toSorted((x, y) => x - y)[Math.ceil(attacks.length * (1 - leftOut)) - 1]!
    return [...nearness.keys()].filter((a) => nearness[a]! <= limit)
  }
  const scores = new Array<number>(benign.length).fill(-1)
  for (let fold = 0; fold < folds; fold += 1)
    for (const a of keptWithout(fold))
      for (let b = 0; b < benign.length; b += 1)
        if (foldOf[b] === fold) scores[b] = Math.max(scores[b]!, cosines[a * benign.length + b]!)
  return { kept: keptWithout(-1), scores }
}

function cosinesOf(attacks: readonly EncodedWindow[], benign: readonly EncodedWindow[]): Float32Array {
  const cosines = new Float32Array(attacks.length * benign.length)
  if (attacks.length === 0 || benign.length === 0) return cosines
  const set = setOf(benign)
  attacks.forEach(({ question }, a) => {
    for (let b = 0; b < benign.length; b += 1) cosines[a * benign.length + b] = set.cosine(question, b)
  })
  return cosines
}

/** Unclustered. */
export function setOf(windows: readonly EncodedWindow[]): VectorSet {
  const { dimensions } = windows[0]!.encoder
  const vectors = new Int8Array(windows.length * dimensions)
  windows.forEach(({ question }, at) => {
    vectors.set(question.values, at * dimensions)
  })
  return new VectorSet({ dimensions, vectors, middles: new Int8Array(0), starts: new Int32Array(0) })
}
