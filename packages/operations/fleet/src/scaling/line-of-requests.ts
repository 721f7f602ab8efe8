/**
 * The trend of the request queue between measurements. Pure. A queue that drains before another engine could start is no reason for
 * one.
 */

import type { ScalingState } from './decision.ts'
import type { Reading } from './observation.ts'

/** Remembered queue state; empty if unknown. */
export type Line = Pick<ScalingState, 'waiting' | 'waitingAt' | 'waitingDrain'>

/** Tolerance between two reads of the same sample: its age is computed from two clocks. */
const sameSampleMillis = 1000

/** `backlog` only if it is reliable. A reading older than `staleAfterMillis` does not show a trend. */
export function lineAfter(past: Line, backlog: Reading | undefined, staleAfterMillis: number): Line {
  if (backlog === undefined || 'missing' in backlog) return {}
  const { at, value } = backlog
  const sinceMillis = past.waitingAt === undefined ? Number.NaN : at - past.waitingAt
  if (Math.abs(sinceMillis) < sameSampleMillis) return past
  const isNext = past.waiting !== undefined && sinceMillis > 0 && sinceMillis <= staleAfterMillis
  const drain = isNext ? (past.waiting - value) / (sinceMillis / 1000) : undefined
  return { waiting: value, waitingAt: at, ...(drain !== undefined && { waitingDrain: drain }) }
}

/** Milliseconds until the queue is empty at the current rate; infinite if it does not shrink. */
export function goneInMillis({ waiting, waitingDrain }: Line): number {
  if (waiting === undefined || waitingDrain === undefined || waitingDrain <= 0)
    return Number.POSITIVE_INFINITY
  return (waiting / waitingDrain) * 1000
}
