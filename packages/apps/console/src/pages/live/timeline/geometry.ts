/** Layout of steps on the canvas, and hit testing. Pure. */

import type { LoggedStep } from './step-log.ts'

export interface View {
  /** `steps`: side by side, equal width; `time`: positioned and sized by time. */
  readonly mode: 'steps' | 'time'
  /** Pixels of a step, or of a millisecond. */
  readonly scale: number
  /** Right edge: an index one past a step's, or a time. Undefined: the newest step. */
  readonly end: number | undefined
}

export const firstView: View = { mode: 'steps', scale: 14, end: undefined }

const scales = { steps: { least: 3, most: 64, first: 14 }, time: { least: 0.02, most: 40, first: 0.5 } }

export const viewOf = (mode: View['mode']): View => ({ mode, scale: scales[mode].first, end: undefined })

export function zoomed(view: View, factor: number): View {
  const { least, most } = scales[view.mode]
  return { ...view, scale: Math.min(most, Math.max(least, view.scale * factor)) }
}

export function endOf({ mode, end }: View, steps: readonly LoggedStep[]): number {
  const last = steps.at(-1)
  return end ?? (last === undefined ? 0 : mode === 'steps' ? last.index + 1 : last.at)
}

export interface Place {
  readonly x: number
  readonly width: number
}

export function placeOf(step: LoggedStep, { mode, scale }: View, end: number, width: number): Place {
  if (mode === 'steps') return { x: width - (end - step.index) * scale, width: scale - (scale > 6 ? 2 : 1) }
  return { x: width - (end - step.startAt) * scale, width: Math.max(1, step.millis * scale - 0.5) }
}

/** Those that are in sight, in their order. */
export function visibleSteps(
  steps: readonly LoggedStep[],
  view: View,
  end: number,
  width: number,
): readonly LoggedStep[] {
  const from = end - width / view.scale
  const begin = (step: LoggedStep): number => (view.mode === 'steps' ? step.index : step.startAt)
  const finish = (step: LoggedStep): number => (view.mode === 'steps' ? step.index + 1 : step.at)
  return steps.filter((step) => finish(step) > from && begin(step) < end)
}

/** The step at `x`, or the nearest visible one; undefined if there is none. */
export function stepAt(
  x: number,
  steps: readonly LoggedStep[],
  view: View,
  width: number,
): LoggedStep | undefined {
  const end = endOf(view, steps)
  let [best, distance]: [LoggedStep | undefined, number] = [undefined, Number.POSITIVE_INFINITY]
  for (const step of visibleSteps(steps, view, end, width)) {
    const place = placeOf(step, view, end, width)
    const away = Math.max(place.x - x, x - place.x - place.width, 0)
    if (away < distance) [best, distance] = [step, away]
  }
  return best
}

/** The view, moved as little as brings a step into sight. */
export function revealing(view: View, step: LoggedStep, steps: readonly LoggedStep[], width: number): View {
  const end = endOf(view, steps)
  const { x, width: own } = placeOf(step, view, end, width)
  const margin = width / 10
  if (x >= margin && x + own <= width) return { ...view, end }
  const by = x < margin ? x - margin : x + own - width + 1
  return { ...view, end: end + by / view.scale }
}
