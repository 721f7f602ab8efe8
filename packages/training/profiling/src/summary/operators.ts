/** Compiled code by name: count, time, shapes. */

import { nativeCategories } from '../categories.ts'
import type { Nested } from '../nest.ts'
import type { Trace } from '../trace.ts'
import type { Counted } from './counted.ts'
import type { OperatorSummary } from './summary.ts'

interface Tally {
  count: number
  selfMicros: number
  totalMicros: number
  sixteenBits: boolean
  readonly shapes: Map<string, { count: number; selfMicros: number }>
}

export function operatorsOf({ spans }: Trace, nested: Nested, counted: Counted): OperatorSummary[] {
  const { parents, selfMicros } = nested
  const tallies = new Map<string, Tally>()
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index]!
    if (!nativeCategories.has(span.category) || !counted.isCounted(index)) continue
    const name = operatorName(span.name)
    let tally = tallies.get(name)
    if (!tally) {
      tally = { count: 0, selfMicros: 0, totalMicros: 0, sixteenBits: false, shapes: new Map() }
      tallies.set(name, tally)
    }
    tally.count += 1
    if (/BFloat16|Half/.test(String(span.args?.types ?? ''))) tally.sixteenBits = true
    tally.selfMicros += selfMicros[index]!
    if (!isWithinItself(index)) tally.totalMicros += span.durationMicros
    const shapes = String(span.args?.shapes ?? '')
    if (shapes === '') continue
    const seen = tally.shapes.get(shapes) ?? { count: 0, selfMicros: 0 }
    seen.count += 1
    seen.selfMicros += selfMicros[index]!
    tally.shapes.set(shapes, seen)
  }
  /** A name in itself counts once. */
  function isWithinItself(index: number): boolean {
    const name = operatorName(spans[index]!.name)
    for (let at = parents[index]!; at >= 0; at = parents[at]!)
      if (
        nativeCategories.has(spans[at]!.category) &&
        operatorName(spans[at]!.name) === name &&
        counted.isCounted(at)
      )
        return true
    return false
  }
  return [...tallies]
    .map(([name, { shapes, ...tally }]) => ({
      name,
      ...tally,
      share: counted.totalMicros > 0 ? tally.selfMicros / counted.totalMicros : 0,
      shapes: [...shapes]
        .map(([text, of]) => ({ shapes: text, ...of }))
        .sort((one, other) => other.selfMicros - one.selfMicros)
        .slice(0, 3),
    }))
    .sort((one, other) => other.selfMicros - one.selfMicros)
}

/** Autograd nodes share one name: their operators have their own. */
export const operatorName = (name: string): string =>
  name.startsWith('autograd::engine::evaluate_function') ? 'autograd::engine' : name
