/**
 * The grid for rounding losses, so that the composition has a given error: Gopi, Lee, Wutschitz (2021), theorem 5.5 for the cell
 * width and remark 5.6 for the range, as implemented in their code and Opacus.
 */

import type { Ledger } from '../ledger.ts'
import { stepsOf } from '../ledger.ts'
import { composedDivergences, epsilonOfDivergences } from '../rdp.ts'

/** Losses k · width for k from -half to half + 1. */
export interface Grid {
  readonly width: number
  readonly half: number
  /** Cells of the transforms: a power of two, at least the grid's. */
  readonly cells: number
  /** By how much the epsilon found may be off, either way. */
  readonly epsilonError: number
}

/** Default error of epsilon, memory permitting. */
export const usualEpsilonError = 0.01

/** Most cells: transforms of them hold 128 MiB, and take about a second. */
const maxCells = 2 ** 22

/** Most kinds of steps: each costs a transform. */
const maxKinds = 100

/** Beyond such losses, probabilities differ by more than a double can represent. */
const maxLoss = 500

/**
 * A grid for a ledger, with wider cells than usual where they would be too many; or why there is none.
 *
 * @param deltaError by how much the delta of the composition may be off
 */
export function planGrid(kinds: Ledger, deltaError: number): Grid | string {
  if (kinds.length > maxKinds) return `${kinds.length} kinds of steps are too many to compose`
  const bound = lossBound(kinds, deltaError)
  if (!(bound <= maxLoss))
    return `losses of ${bound.toPrecision(3)} are beyond its grid, which ends at ${maxLoss}`
  const spread = Math.sqrt((stepsOf(kinds) * Math.log(12 / deltaError)) / 2)
  const width = Math.max(usualEpsilonError / spread, (2 * bound) / (maxCells - 4))
  const half = Math.ceil(bound / width)
  return {
    width,
    half,
    cells: 2 ** Math.ceil(Math.log2(2 * half + 2)),
    epsilonError: Math.max(usualEpsilonError, width * spread),
  }
}

/** A loss that all steps together, or one of them alone, exceed with next to no probability. */
function lossBound(kinds: Ledger, deltaError: number): number {
  const all = epsilonOfDivergences(composedDivergences(kinds), deltaError / 4)
  const alone = kinds.map((kind) =>
    epsilonOfDivergences(composedDivergences([{ ...kind, steps: 1 }]), deltaError / (8 * stepsOf(kinds))),
  )
  return Math.max(all, ...alone, usualEpsilonError) + 3
}
