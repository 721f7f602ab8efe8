/** The measured part of a trace: its steps, or all of it if there are none. */

import { memoryCategory, stepCategory } from '../categories.ts'
import type { Nested } from '../nest.ts'
import type { Trace } from '../trace.ts'

export interface Counted {
  /** Indices of the spans that are steps, outermost ones alone; empty where the trace has none. */
  readonly steps: readonly number[]
  /** Whether a span is in one of them, on whatever lane. */
  isCounted(index: number): boolean
  /** The place in `steps` of the last one that began until then; -1 before the first. */
  stepAt(micros: number): number
  /** What gaps are looked for in: [lane, start, end, index of the step or -1]. */
  readonly windows: readonly { readonly lane: string; readonly start: number; readonly end: number }[]
  readonly totalMicros: number
}

export function countedOf({ spans, durationMicros }: Trace, { parents }: Nested): Counted {
  const steps: number[] = []
  const within = new Set<number>()
  for (let index = 0; index < spans.length; index += 1) {
    if (spans[index]!.category !== stepCategory) continue
    if (!within.has(parents[index]!)) steps.push(index)
    within.add(index)
  }
  if (steps.length === 0) {
    const lane = busiestLane({ spans, durationMicros })
    return {
      steps,
      isCounted: () => true,
      stepAt: () => -1,
      windows: lane === undefined ? [] : [{ lane, start: 0, end: durationMicros }],
      totalMicros: durationMicros,
    }
  }
  const windows = steps.map((index) => {
    const { lane, startMicros, durationMicros: length } = spans[index]!
    return { lane, start: startMicros, end: startMicros + length }
  })
  const starts = windows.map(({ start }) => start)
  return {
    steps,
    windows,
    totalMicros: windows.reduce((sum, { start, end }) => sum + end - start, 0),
    stepAt: (micros) => lastAtMost(starts, micros),
    isCounted: (index) => {
      const { startMicros } = spans[index]!
      const at = lastAtMost(starts, startMicros)
      return at >= 0 && startMicros < windows[at]!.end
    },
  }
}

function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** The lane with most spans. */
function busiestLane({ spans }: Trace): string | undefined {
  const counts = new Map<string, number>()
  for (const { lane, category } of spans)
    if (category !== memoryCategory) counts.set(lane, (counts.get(lane) ?? 0) + 1)
  let most: string | undefined
  for (const [lane, count] of counts) if (count > (counts.get(most ?? '') ?? 0)) most = lane
  return most
}
