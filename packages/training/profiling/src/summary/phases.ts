/** Steps and their components. */

import { phaseCategory, waitCategory } from '../categories.ts'
import type { Nested } from '../nest.ts'
import { tally } from '../tally.ts'
import type { Trace } from '../trace.ts'
import type { Counted } from './counted.ts'
import { type LaneTimes, lengthBetween } from './native-times.ts'
import type { PhaseSummary, StepSummary, WaitSummary } from './summary.ts'

export interface StepsAndPhases {
  readonly steps: readonly StepSummary[]
  readonly phases: readonly PhaseSummary[]
  readonly waiting: WaitSummary
}

export function stepsAndPhases(
  { spans }: Trace,
  { parents }: Nested,
  counted: Counted,
  lanes: ReadonlyMap<string, LaneTimes>,
): StepsAndPhases {
  const ofStep = counted.steps.map(tally)
  const phases = new Map<string, { micros: number; count: number; nativeMicros: number }>()
  const waits = tally()
  const withSteps = new Set(counted.windows.map((window) => window.lane))
  for (let index = 0; index < spans.length; index += 1) {
    const { category, name, startMicros, durationMicros, lane } = spans[index]!
    if ((category !== phaseCategory && category !== waitCategory) || !counted.isCounted(index)) continue
    if (isWithin(index, category)) continue
    if (category === waitCategory) {
      // Requests on separate lanes wait concurrently; those waits are not part of a step.
      if (withSteps.has(lane)) waits[name] = (waits[name] ?? 0) + durationMicros
      continue
    }
    const phase = phases.get(name) ?? { micros: 0, count: 0, nativeMicros: 0 }
    phase.micros += durationMicros
    phase.count += 1
    phase.nativeMicros += lengthBetween(
      lanes.get(lane)?.native ?? [],
      startMicros,
      startMicros + durationMicros,
    )
    phases.set(name, phase)
    const own = ofStep[counted.stepAt(startMicros)]
    if (own) own[name] = (own[name] ?? 0) + durationMicros
  }
  function isWithin(index: number, category: string): boolean {
    for (let at = parents[index]!; at >= 0; at = parents[at]!)
      if (spans[at]!.category === category) return true
    return false
  }
  const micros = Object.values(waits).reduce((sum, each) => sum + each, 0)
  return {
    steps: counted.steps.map((index, step) => {
      const { name, startMicros, durationMicros, lane } = spans[index]!
      const end = startMicros + durationMicros
      const times = lanes.get(lane)
      return {
        name,
        startMicros,
        durationMicros,
        nativeMicros: lengthBetween(times?.native ?? [], startMicros, end),
        waitMicros: lengthBetween(times?.waits ?? [], startMicros, end),
        phases: ofStep[step]!,
      }
    }),
    phases: [...phases]
      .map(([name, phase]) => ({ name, ...phase, share: shareOf(phase.micros, counted.totalMicros) }))
      .sort((one, other) => other.micros - one.micros),
    waiting: { micros, share: shareOf(micros, counted.totalMicros), byName: waits },
  }
}

export const shareOf = (micros: number, totalMicros: number): number =>
  totalMicros > 0 ? micros / totalMicros : 0
