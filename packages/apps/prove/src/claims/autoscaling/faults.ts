/** Checks decisions against the claim, using only the observations. Pure. */

import type { Trace } from './packed-trace.ts'

export interface Marks {
  readonly lowPercent: number
  readonly highPercent: number
  readonly lowForMillis: number
  readonly upCooldownMillis: number
  readonly downCooldownMillis: number
  readonly backlogPerReplica: number
  readonly maxReplicas: number
  readonly stepMillis: number
}

export type FaultKind =
  /** Fewer, before it was below the low mark for long enough. */
  | 'too soon'
  /** Fewer than the most work of that time needs below the high mark. */
  | 'too few'
  /** It was below for long enough, fewer would have sufficed, and the number did not fall. */
  | 'missed down'
  /** More without a reason. */
  | 'needless up'
  /** Above the high mark, and none came. */
  | 'missed up'

export interface Fault {
  readonly kind: FaultKind
  readonly trace: string
  readonly look: number
}

export interface Down {
  /** How long it had been below the low mark. */
  readonly lowMillis: number
  readonly from: number
  readonly to: number
}

export interface Followed {
  readonly faults: readonly Fault[]
  readonly downs: readonly Down[]
  readonly ups: number
  readonly looks: number
}

/** Fewer engines are to be no busier than this share of the high mark, by docs/scale.md. */
const busyAfterwards = 0.9

export function followed(trace: Trace, marks: Marks): Followed {
  const faults: Fault[] = []
  const downs: Down[] = []
  let [changedAt, ups] = [Number.NEGATIVE_INFINITY, 0]
  trace.to.forEach((to, look) => {
    const from = trace.from[look]!
    const low = lowBefore(trace, look, marks)
    const sinceChange = (look - changedAt) * marks.stepMillis
    const note = (kind: FaultKind): void => void faults.push({ kind, trace: trace.name, look })
    if (to < from) {
      downs.push({ lowMillis: low.millis, from, to })
      if (low.millis < marks.lowForMillis) note('too soon')
      if (low.maxWork > (to * marks.highPercent) / 100 + 1e-9) note('too few')
    } else if (to === from && mayGo(trace, look, low, marks) && sinceChange >= marks.downCooldownMillis)
      note('missed down')
    if (to > from) {
      ups += 1
      if (!asksForMore(trace, look, marks)) note('needless up')
    } else if (to <= from && mustCome(trace, look, marks) && sinceChange >= marks.upCooldownMillis)
      note('missed up')
    if (to !== from) changedAt = look
  })
  return { faults, downs, ups, looks: trace.to.length }
}

interface Low {
  readonly millis: number
  /** Engines' worth. */
  readonly maxWork: number
  readonly wasQuiet: boolean
}

/**
 * How long use has been low with the same number of engines, up to this poll; minus one step if it is not low at this poll.
 */
function lowBefore({ use, ready, waiting, from }: Trace, look: number, marks: Marks): Low {
  let [at, maxWork, wasQuiet] = [look, 0, true]
  for (; at >= 0 && from[at] === from[look]; at -= 1) {
    const percent = use[at]
    if (percent === null || percent === undefined || percent >= marks.lowPercent) break
    maxWork = Math.max(maxWork, (percent / 100) * ready[at]!)
    wasQuiet &&= waiting[at]! <= marks.backlogPerReplica * Math.max(1, from[look]! - 1)
  }
  return { millis: (look - at - 1) * marks.stepMillis, maxWork, wasQuiet }
}

function mayGo({ from, ready }: Trace, look: number, low: Low, marks: Marks): boolean {
  const enough = Math.ceil((low.maxWork * 100) / (marks.highPercent * busyAfterwards) - 1e-9)
  const has = from[look]!
  return low.millis >= marks.lowForMillis && low.wasQuiet && ready[look] === has && has > Math.max(1, enough)
}

function asksForMore({ use, waiting, from }: Trace, look: number, marks: Marks): boolean {
  return (use[look] ?? 0) > marks.highPercent || waiting[look]! > marks.backlogPerReplica * from[look]!
}

/** All replicas are ready, so that the measurement covers the full number. */
function mustCome({ use, ready, from }: Trace, look: number, marks: Marks): boolean {
  const has = from[look]!
  return (use[look] ?? 0) > marks.highPercent && ready[look] === has && has < marks.maxReplicas
}
