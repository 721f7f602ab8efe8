/** Summarises a trace. Pure; `advice` interprets it. */

import { deviceCategories } from '../categories.ts'
import { nest } from '../nest.ts'
import type { Trace } from '../trace.ts'
import { countedOf } from './counted.ts'
import { outsideOf } from './gaps.ts'
import { memoryOf } from './memory.ts'
import { copiesOf, modulesOf, recomputedMicrosOf } from './modules.ts'
import { type LaneTimes, laneTimes, lengthBetween, united } from './native-times.ts'
import { operatorsOf } from './operators.ts'
import { stepsAndPhases } from './phases.ts'
import { placesOf } from './places.ts'
import type { TraceSummary } from './summary.ts'

/** Over its steps, or all of it if there are none. A trace of a million spans takes a few seconds. */
export function summarizeTrace(trace: Trace): TraceSummary {
  const nested = nest(trace)
  const counted = countedOf(trace, nested)
  const places = placesOf(trace, nested)
  const lanes = laneTimes(trace)
  return {
    counts: counted.steps.length > 0 ? 'steps' : 'trace',
    totalMicros: counted.totalMicros,
    ...stepsAndPhases(trace, nested, counted, lanes),
    operators: operatorsOf(trace, nested, counted),
    modules: modulesOf(trace, nested, counted, places),
    copies: copiesOf(trace, nested, counted, places),
    outside: outsideOf(trace, places, counted, lanes),
    memory: memoryOf(trace, nested, places),
    recomputedMicros: recomputedMicrosOf(trace, counted),
    deviceMicros: deviceMicros(trace, counted.windows, lanes),
    notes: trace.notes ?? [],
  }
}

/** In which anything ran on a device, in the windows that are counted; undefined for a trace without one. */
function deviceMicros(
  { spans }: Trace,
  windows: readonly { readonly start: number; readonly end: number }[],
  lanes: ReadonlyMap<string, LaneTimes>,
): number | undefined {
  const devices = new Set<string>()
  for (const { category, lane } of spans) if (deviceCategories.has(category)) devices.add(lane)
  if (devices.size === 0) return undefined
  const busy = united([...devices].map((lane) => lanes.get(lane)?.native ?? []))
  return windows.reduce((sum, { start, end }) => sum + lengthBetween(busy, start, end), 0)
}
