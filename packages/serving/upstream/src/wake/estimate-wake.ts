/**
 * How long it is until a model that sleeps can be asked, by how long it took before. Pure.
 *
 * A wake that has lasted for a while is not one of those that were shorter: what is left is judged by the longer ones alone.
 */

import { quantile } from '@hadal/base'

export interface WakeRecord {
  /** When it could be asked, in milliseconds since 1970. */
  readonly at: number
  /** From the first request that waited until a replica was well. */
  readonly wholeMillis: number
  /** Of that, from when its pod was there. Absent where nobody saw that. */
  readonly startMillis?: number | undefined
}

export interface WakeProgress {
  /** Since the first request waits; 0 while none does. */
  readonly wholeMillis: number
  /** Since a pod is there that is not ready. Absent: none is. */
  readonly startMillis?: number | undefined
}

/** What is known where nothing was measured. */
export interface WakePrior {
  /** What an engine says that its own start took: a wake takes no less. */
  readonly reportedStartMillis?: number | undefined
  /** What somebody expects. */
  readonly expectedMillis?: number | undefined
}

export interface WakeEstimate {
  /** Until a replica is well: half of all wakes take longer. */
  readonly likelyMillis: number
  /** One of ten takes longer. */
  readonly latestMillis: number
  readonly basis: 'measured' | 'reported' | 'expected'
  /** Wakes that it rests on. */
  readonly wakes: number
  /** It takes longer than any before. */
  readonly isOverdue: boolean
}

/** Undefined where nothing is known. */
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
  // Of what lasts longer than ever nothing is known but how long: as long again is even odds (Gott 1993, Nature 363, 315-319).
  const again = elapsedMillis
  return { likelyMillis: again, latestMillis: again, basis, wakes, isOverdue: true }
}
