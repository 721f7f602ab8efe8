/** A run's curves so far, merged from responses. Pure. */

import type { RunMetrics } from '@hadal/protocol'

export interface Curve {
  readonly steps: readonly number[]
  readonly values: readonly number[]
}

export interface RunCurves {
  readonly cursor: string
  readonly series: ReadonlyMap<string, Curve>
  readonly progress: RunMetrics['progress']
  readonly last: RunMetrics['last']
  readonly isReading: boolean
  readonly readShare: number
  readonly damagedLines: number
  readonly notFinite: number
}

/** A longer curve is requested anew: the server thins it. */
const maxPoints = 9000

export function withAnswer(before: RunCurves | undefined, answer: RunMetrics): RunCurves {
  const { cursor, isReading, readShare, damagedLines, notFinite, last } = answer
  const reported = { cursor, isReading, readShare, damagedLines, notFinite, last }
  if (answer.isWhole || before === undefined) {
    const series = new Map(answer.series.map(({ name, steps, values }) => [name, { steps, values }]))
    return { ...reported, series, progress: answer.progress }
  }
  if (answer.series.length === 0) return { ...before, ...reported }
  const series = new Map(before.series)
  for (const { name, steps, values } of answer.series) {
    const known = series.get(name)
    series.set(
      name,
      known ? { steps: [...known.steps, ...steps], values: [...known.values, ...values] } : { steps, values },
    )
  }
  return {
    ...reported,
    series,
    progress: {
      steps: [...before.progress.steps, ...answer.progress.steps],
      seconds: [...before.progress.seconds, ...answer.progress.seconds],
      units: [...before.progress.units, ...answer.progress.units],
    },
  }
}

/** The cursor of the next request; undefined to request everything again. */
export function cursorOf(curves: RunCurves | undefined): string | undefined {
  if (curves === undefined) return undefined
  const longest = [...curves.series.values()].reduce((most, { steps }) => Math.max(most, steps.length), 0)
  return longest > maxPoints ? undefined : curves.cursor
}
