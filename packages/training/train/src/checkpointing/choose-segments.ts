/**
 * Which halves of layers are computed again, so that what is kept fits: those that give back the most memory for an operation. Pure;
 * knows nothing about models.
 */

import type { Segment } from '@hadal/nn'

/** Of one part of a model, in bytes and operations. */
export interface PartCost {
  /** Held until its way back where everything is kept, and where only products are. */
  readonly kept: number
  readonly light: number
  /** Held where it is computed again: its output. */
  readonly recomputed: number
  /** The most it takes when it is run and gone back through alone, beside its input and its output. */
  readonly transient: number
  /** Operations to compute again what lies between the products, and everything but the last product. */
  readonly lightWork: number
  readonly wholeWork: number
  /** Whether products can be told apart. */
  readonly divisible: boolean
}

export interface Choice {
  readonly segments: readonly Segment[]
  /** Of all parts, and of the one that is gone back through. */
  readonly bytes: number
  /** Operations that are made twice. */
  readonly work: number
}

interface Move {
  readonly part: number
  readonly mode: 'light' | 'recomputed'
  /** Operations for a byte. */
  readonly price: number
}

/**
 * The least work with which the parts hold at most `budget` bytes, as far as going by price finds it; the least memory there is where
 * nothing fits.
 */
export function chooseSegments(parts: readonly PartCost[], budget: number): Choice {
  const modes: Segment['mode'][] = parts.map(() => 'kept')
  for (const { part, mode } of moves(parts)) {
    if (heldBytes(parts, modes) <= budget) break
    // What is computed again as a whole does not go back to being so in part.
    if (modes[part] !== 'recomputed') modes[part] = mode
  }
  return {
    segments: modes.map((mode) => ({ parts: 1, mode })),
    bytes: heldBytes(parts, modes),
    work: parts.reduce((sum, part, i) => sum + workOf(part, modes[i]!), 0),
  }
}

/** The cheapest byte first; of equal ones the first part, whose memory is held beside that of all others. */
function moves(parts: readonly PartCost[]): Move[] {
  const all = parts.flatMap((cost, part): Move[] => {
    const whole = price(cost.wholeWork, cost.kept - cost.recomputed)
    if (!cost.divisible || cost.light >= cost.kept) return [{ part, mode: 'recomputed', price: whole }]
    const light = price(cost.lightWork, cost.kept - cost.light)
    const rest = price(cost.wholeWork - cost.lightWork, cost.light - cost.recomputed)
    if (light >= whole) return [{ part, mode: 'recomputed', price: whole }]
    return [
      { part, mode: 'light', price: light },
      { part, mode: 'recomputed', price: rest },
    ]
  })
  return all.sort((a, b) => a.price - b.price || a.part - b.part)
}

const price = (work: number, bytes: number): number => (bytes > 0 ? work / bytes : Number.POSITIVE_INFINITY)

/** All that is held when the way back begins, or in the worst part of it. */
function heldBytes(parts: readonly PartCost[], modes: readonly Segment['mode'][]): number {
  let before = 0
  let worst = 0
  for (const [i, part] of parts.entries()) {
    worst = Math.max(worst, before + part.recomputed + part.transient)
    before += part[modes[i]!]
  }
  return Math.max(worst, before)
}

function workOf(part: PartCost, mode: Segment['mode']): number {
  if (mode === 'kept') return 0
  return mode === 'light' ? part.lightWork : part.wholeWork
}
