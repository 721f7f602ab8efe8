/** Peak memory and its owners, from every allocation of a trace. */

import { memoryCategory, nativeCategories } from '../categories.ts'
import type { Nested } from '../nest.ts'
import type { Trace } from '../trace.ts'
import { operatorName } from './operators.ts'
import { familyOf, type Places } from './places.ts'
import type { MemorySummary } from './summary.ts'

const shown = 10

/** Over all lanes; undefined if the trace has no memory events. */
export function memoryOf(trace: Trace, nested: Nested, places: Places): MemorySummary | undefined {
  const { spans } = trace
  let now = 0
  let peak = 0
  let peakIndex = -1
  let allocations = 0
  let allocatedBytes = 0
  let events = 0
  for (let index = 0; index < spans.length; index += 1) {
    const bytes = bytesOf(trace, index)
    if (bytes === undefined) continue
    events += 1
    now += bytes
    if (bytes > 0) {
      allocations += 1
      allocatedBytes += bytes
    }
    if (now > peak) {
      peak = now
      peakIndex = index
    }
  }
  if (events === 0) return undefined
  return {
    peakBytes: peak,
    peakMicros: peakIndex < 0 ? 0 : spans[peakIndex]!.startMicros,
    allocations,
    allocatedBytes,
    heldAtPeak: holdersAt(trace, nested, places, peakIndex),
  }
}

function bytesOf({ spans }: Trace, index: number): number | undefined {
  const { category, args } = spans[index]!
  const bytes = args?.bytes
  return category === memoryCategory && typeof bytes === 'number' ? bytes : undefined
}

/** Unfreed allocations up to span `last`, by module and operator. */
function holdersAt(
  trace: Trace,
  { parents }: Nested,
  places: Places,
  last: number,
): MemorySummary['heldAtPeak'] {
  const { spans } = trace
  const held = new Map<string | number, { readonly index: number; readonly bytes: number }>()
  for (let index = 0; index <= last; index += 1) {
    const bytes = bytesOf(trace, index)
    const address = spans[index]!.args?.address
    if (bytes === undefined || address === undefined) continue
    if (bytes > 0) held.set(address, { index, bytes })
    else held.delete(address)
  }
  const holders = new Map<string, { module: string; operator: string; bytes: number }>()
  for (const { index, bytes } of held.values()) {
    let operator = ''
    for (let at = parents[index]!; at >= 0; at = parents[at]!)
      if (nativeCategories.has(spans[at]!.category)) operator = operatorName(spans[at]!.name)
    const parent = parents[index]!
    const phase = parent < 0 ? -1 : places.phases[parent]!
    const module =
      (parent < 0 ? '' : familyOf(places.moduleOf(parent))) || (phase < 0 ? '' : spans[phase]!.name)
    const key = `${module} ${operator}`
    const holder = holders.get(key) ?? { module, operator, bytes: 0 }
    holder.bytes += bytes
    holders.set(key, holder)
  }
  return [...holders.values()].sort((one, other) => other.bytes - one.bytes).slice(0, shown)
}
