/** Nests spans, and computes self times. */

import { memoryCategory } from './categories.ts'
import type { Trace } from './trace.ts'

export interface Nested {
  /** For each span the index of the enclosing span on its lane, or -1. */
  readonly parents: Int32Array
  /** Its time without that of those directly in it. 0 for moments of memory. */
  readonly selfMicros: Float64Array
  /** How many are around it. */
  readonly depths: Int32Array
}

/**
 * A span belongs to the innermost open span of its lane. One that ends later than its parent, because of rounded clocks, is
 * truncated to the parent's end: self times then add up to the outermost spans.
 */
export function nest({ spans }: Trace): Nested {
  const parents = new Int32Array(spans.length).fill(-1)
  const depths = new Int32Array(spans.length)
  const selfMicros = new Float64Array(spans.length)
  const ends = new Float64Array(spans.length)
  const open = new Map<string, number[]>()
  for (let index = 0; index < spans.length; index += 1) {
    const { lane, startMicros, durationMicros, category } = spans[index]!
    let stack = open.get(lane)
    if (!stack) {
      stack = []
      open.set(lane, stack)
    }
    while (stack.length > 0 && ends[stack.at(-1)!]! <= startMicros) {
      // A span ends no later than its parent; instants at its exact end are outside.
      stack.pop()
    }
    const parent = stack.at(-1) ?? -1
    parents[index] = parent
    depths[index] = stack.length
    if (category === memoryCategory) continue
    const end = startMicros + durationMicros
    ends[index] = parent < 0 ? end : Math.min(end, ends[parent]!)
    const within = ends[index]! - startMicros
    selfMicros[index] = within
    if (parent >= 0) selfMicros[parent]! -= within
    stack.push(index)
  }
  return { parents, selfMicros, depths }
}
