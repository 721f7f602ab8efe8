/** A synthetic day: the same for the same name and seed. The days before differ only by noise, so that forecasts have a history. */

import { seededRandom } from '@hadal/base'
import type { Workload } from '../replay/workload.ts'
import { type DayName, type DayShape, dayShapes } from './day-shapes.ts'
import { seededNormal } from './seeded-normal.ts'

export interface SyntheticOptions {
  readonly seed: number
  /** Engines' worth of work at most. */
  readonly peak: number
  /** Whole days; the shape's own number by default. */
  readonly days?: number | undefined
  readonly stepMillis?: number
}

const minute = 60_000
const day = 24 * 60 * minute
/** A Monday, so that weeks begin as weeks do. */
const firstDay = Date.UTC(2026, 0, 5)
/** Eight: the preceding week, and half an hour before its start. */
const daysBefore = 8

/**
 * A made-up day of load, the same for the same seed.
 *
 * @example
 * ```ts
 * import { syntheticDay } from '@hadal/fleet'
 *
 * const { load, stepMillis } = syntheticDay('diurnal', { seed: 1, peak: 4 }) // at most four engines' worth
 * load.length * stepMillis === 24 * 3_600_000 // → true
 * ```
 */
export function syntheticDay(name: DayName, options: SyntheticOptions): Workload {
  const shape: DayShape = dayShapes[name]
  const { seed, peak, stepMillis = 15_000 } = options
  const days = options.days ?? shape.days
  const noise = noiseOf(shape.noise, seed, stepMillis)
  const steps = Math.round((days * day) / stepMillis)
  const load = new Float64Array(steps)
  const lastDay = (days - 1) * day
  for (let index = 0; index < steps; index += 1) {
    const at = index * stepMillis
    const surprise = at < lastDay ? 0 : (shape.surprise?.((at - lastDay) / minute) ?? 0)
    load[index] = peak * Math.max(0, (shareAt(shape, firstDay + at) + surprise) * noise())
  }
  return {
    title: `${name}, seed ${seed}`,
    startAt: firstDay,
    stepMillis,
    load,
    sights: (shape.sights ?? []).map((sight) => ({
      ...sight,
      from: firstDay + lastDay + sight.from * minute,
      until: firstDay + lastDay + sight.until * minute,
    })),
    history: historyOf(shape, options),
    notes: [],
  }
}

function historyOf(shape: DayShape, { seed, peak }: SyntheticOptions): Workload['history'] {
  const noise = noiseOf(shape.noise, seed + 1, minute)
  return Array.from({ length: (daysBefore * day) / minute }, (_, index) => {
    const at = firstDay - daysBefore * day + index * minute
    return { at, value: 100 * peak * Math.max(0, shareAt(shape, at) * noise()) }
  })
}

function shareAt({ share }: DayShape, at: number): number {
  const weekday = (new Date(at).getUTCDay() + 6) % 7
  return share((at % day) / minute, weekday)
}

/** A drifting random factor around 1: consecutive values are correlated. */
function noiseOf(deviation: number, seed: number, stepMillis: number): () => number {
  const normal = seededNormal(seededRandom(seed))
  // Half of it is forgotten after five minutes.
  const kept = 0.5 ** (stepMillis / (5 * minute))
  let state = normal()
  return () => {
    state = kept * state + Math.sqrt(1 - kept * kept) * normal()
    return 1 + deviation * state
  }
}
