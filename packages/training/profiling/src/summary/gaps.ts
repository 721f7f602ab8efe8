/** Time within steps that is neither compiled code nor waiting. */

import { tally } from '../tally.ts'
import type { Trace } from '../trace.ts'
import type { Counted } from './counted.ts'
import { between, type Interval, type LaneTimes, lengthBetween, united } from './native-times.ts'
import { operatorName } from './operators.ts'
import { shareOf } from './phases.ts'
import type { Places } from './places.ts'
import type { Gap, OutsideSummary } from './summary.ts'

/** Less is the clock's. */
const minMicros = 0.5
const kept = 5

export function outsideOf(
  { spans }: Trace,
  places: Places,
  counted: Counted,
  lanes: ReadonlyMap<string, LaneTimes>,
): OutsideSummary {
  let micros = 0
  let gaps = 0
  const longest: Gap[] = []
  const nameOf = (index: number | undefined): string =>
    index === undefined ? '' : operatorName(spans[index]!.name)
  const phaseAt = (index: number | undefined): string => {
    const phase = index === undefined ? -1 : places.phases[index]!
    return phase < 0 ? '' : spans[phase]!.name
  }
  const take = (start: number, end: number, last: number | undefined, next: number | undefined): void => {
    const length = end - start
    if (length < minMicros) return
    micros += length
    gaps += 1
    const phase = phaseAt(next) || phaseAt(last)
    longest.push({ startMicros: start, micros: length, phase, after: nameOf(last), before: nameOf(next) })
    if (longest.length > kept * 20) trim(longest)
  }
  const busy = new Map<string, Interval[]>()
  for (const { lane } of counted.windows) {
    const times = lanes.get(lane)
    if (!busy.has(lane)) busy.set(lane, united([times?.native ?? [], times?.waits ?? []]))
  }
  for (const { lane, start, end } of counted.windows) {
    let at = start
    let last: number | undefined
    for (const interval of between(busy.get(lane)!, start, end)) {
      take(at, interval.start, last, interval.first)
      at = interval.end
      last = interval.last
    }
    take(at, end, last, undefined)
  }
  trim(longest)
  const byPhase = inPhases(spans, places, counted, busy)
  const elsewhere = micros - Object.values(byPhase).reduce((sum, each) => sum + each, 0)
  if (elsewhere >= minMicros) byPhase[''] = elsewhere
  return { micros, share: shareOf(micros, counted.totalMicros), gaps, byPhase, longest }
}

/** Spans outside all outermost phases are skipped. */
function inPhases(
  spans: Trace['spans'],
  { phases }: Places,
  { isCounted }: Counted,
  busy: ReadonlyMap<string, readonly Interval[]>,
): Record<string, number> {
  const byPhase = tally()
  const ends = new Map<string, number>()
  for (let index = 0; index < spans.length; index += 1) {
    if (phases[index] !== index || !isCounted(index)) continue
    const { name, lane, startMicros, durationMicros } = spans[index]!
    const [intervals, end] = [busy.get(lane), startMicros + durationMicros]
    // One within another is part of that.
    if (!intervals || startMicros < (ends.get(lane) ?? 0)) continue
    ends.set(lane, end)
    const idle = durationMicros - lengthBetween(intervals, startMicros, end)
    if (idle > 0) byPhase[name] = (byPhase[name] ?? 0) + idle
  }
  return byPhase
}

function trim(gaps: Gap[]): void {
  gaps.sort((one, other) => other.micros - one.micros)
  gaps.length = Math.min(gaps.length, kept)
}
