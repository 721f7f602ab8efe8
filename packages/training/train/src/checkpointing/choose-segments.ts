/** Chooses which half layers to recompute so that kept activations fit: those that free the most memory per operation. Pure. */

import type { Segment } from '@hadal/nn'

/** Costs of one part of a model, in bytes and operations. */
export interface PartCost {
  /** Bytes held until its backward pass if everything is kept, and if only matrix products are. */
  readonly kept: number
  readonly light: number
  /** Bytes held if it is recomputed: its output. */
  readonly recomputed: number
  /** Peak bytes of its forward and backward pass alone, excluding input and output. */
  readonly transient: number
  /** Operations to recompute what lies between the products, and everything but the last product. */
  readonly lightWork: number
  readonly wholeWork: number
  /** Whether products can be kept separately. */
  readonly divisible: boolean
}

export interface Choice {
  readonly segments: readonly Segment[]
  /** Bytes of all parts, including the one in its backward pass. */
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

/** The least work with which the parts hold at most `budget` bytes, found greedily by price; the minimum memory if nothing fits. */
export function chooseSegments(parts: readonly PartCost[], budget: number): Choice {
  const modes: Segment['mode'][] = parts.map(() => 'kept')
  for (const { part, mode } of moves(parts)) {
    if (heldBytes(parts, modes) <= budget) break
    // A fully recomputed part never returns to partial recomputation.
    if (modes[part] !== 'recomputed') modes[part] = mode
  }
  return {
    segments: modes.map((mode) => ({ parts: 1, mode })),
    bytes: heldBytes(parts, modes),
    work: parts.reduce((sum, part, i) => sum + workOf(part, modes[i]!), 0),
  }
}

/** Cheapest byte first; ties go to the first part, whose memory is live together with that of all others. */
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

/** Bytes held when the backward pass begins, or in its worst part. */
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
