/** What a replay comes to, in a few numbers that can be compared. */

import type { ReplayChange, ReplayColumns, ReplaySummary } from './replay.ts'

export interface SummaryFacts {
  readonly stepMillis: number
  readonly sloMillis: number | undefined
  readonly arrived: number
  readonly refused: number
  readonly blindSteps: number
}

const soonMillis = 600_000

export function summaryOf(
  { replicas, ready, busy, latencyP99Millis }: ReplayColumns,
  changes: readonly ReplayChange[],
  { stepMillis, sloMillis = Number.POSITIVE_INFINITY, arrived, refused, blindSteps }: SummaryFacts,
): ReplaySummary {
  const steps = replicas.length
  const requested = sum(replicas)
  const served = latencyP99Millis.reduce((count, each) => count + (Number.isNaN(each) ? 0 : 1), 0)
  const over = latencyP99Millis.reduce((count, each) => count + (each > sloMillis ? 1 : 0), 0)
  const ups = changes.filter(({ from, to }) => to > from).length
  return {
    engineHours: (requested * stepMillis) / 3_600_000,
    overSloShare: share(over, served),
    refusedShare: share(refused, arrived),
    blindShare: share(blindSteps, steps),
    utilisation: share(sum(busy), sum(ready)),
    ups,
    downs: changes.length - ups,
    takenBack: changes.filter((change, index) => isTakenBack(change, changes[index + 1])).length,
    least: replicas.reduce((least, each) => Math.min(least, each), replicas[0] ?? 0),
    most: replicas.reduce((most, each) => Math.max(most, each), 0),
  }
}

const isTakenBack = (change: ReplayChange, next: ReplayChange | undefined): boolean =>
  next !== undefined && next.at - change.at < soonMillis && change.to > change.from !== next.to > next.from

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole)

const sum = (values: Int32Array | Float64Array): number => {
  let total = 0
  for (const value of values) total += value
  return total
}
