/**
 * Estimates the time until a sleeping model is available, from earlier wakes. Pure.
 *
 * A wake in progress cannot be one of the shorter ones: the remaining time is estimated from longer ones only.
 */

import { quantile } from '@hadal/base'

export interface WakeRecord {
  /** When it was available, in milliseconds since 1970. */
  readonly at: number
  /** From the first waiting request until a replica was healthy. */
  readonly wholeMillis: number
  /** The part of `wholeMillis` since the pod existed. Absent if not observed. */
  readonly startMillis?: number | undefined
}

export interface WakeProgress {
  /** Since the first waiting request; 0 if there is none. */
  readonly wholeMillis: number
  /** Since a pod that is not ready exists. Absent if there is none. */
  readonly startMillis?: number | undefined
}

/** Known without any measurement. */
export interface WakePrior {
  /** Start time reported by an engine: a lower bound for a wake. */
  readonly reportedStartMillis?: number | undefined
  /** Configured expectation. */
  readonly expectedMillis?: number | undefined
}

export interface WakeEstimate {
  /** Median time until a replica is healthy. */
  readonly likelyMillis: number
  /** 90th percentile. */
  readonly latestMillis: number
  readonly basis: 'measured' | 'reported' | 'expected'
  /** Number of wakes it is based on. */
  readonly wakes: number
  /** It takes longer than any before. */
  readonly isOverdue: boolean
}

/** Undefined if nothing is known. */
export function estimateWake(
  records: readonly WakeRecord[],
  progress: WakeProgress,
  { reportedStartMillis, expectedMillis }: WakePrior = {},
): WakeEstimate | undefined {
  const { wholeMillis, startMillis } = progress
  const starts = records.flatMap((record) => record.startMillis ?? [])
  if (startMillis !== undefined && starts.length > 0) return remaining(starts, startMillis, 'measured')
  const wholes = records.map((record) => record.wholeMillis)
  if (wholes.length > 0) return remaining(wholes, wholeMillis, 'measured')
  if (expectedMillis !== undefined) return remaining([expectedMillis], wholeMillis, 'expected')
  if (reportedStartMillis === undefined) return undefined
  return remaining([reportedStartMillis], startMillis ?? wholeMillis, 'reported')
}

function remaining(
  durations: readonly number[],
  elapsedMillis: number,
  basis: WakeEstimate['basis'],
): WakeEstimate {
  const wakes = basis === 'measured' ? durations.length : 0
  const left = durations.filter((millis) => millis > elapsedMillis).map((millis) => millis - elapsedMillis)
  if (left.length > 0)
    return {
      likelyMillis: quantile(left, 0.5),
      latestMillis: quantile(left, 0.9),
      basis,
      wakes,
      isOverdue: false,
    }
  // For a duration beyond all previous ones, as long again is even odds (Gott 1993, Nature 363, 315-319).
  const again = elapsedMillis
  return { likelyMillis: again, latestMillis: again, basis, wakes, isOverdue: true }
}
