/**
 * Diagnoses a diverged run from its logged steps: sustained norms above 100, monotonically rising norms, NaN loss. The limits are
 * those of our divergence guard. Pure.
 */

import type { Figures, LogLine, Sighting } from '@hadal/doctor'
import { type LoggedStep, readSteps } from './training-log.ts'

/** A gradient norm above this, before clipping, in `patience` consecutive logged steps is reported. */
const highNorm = 100
const patience = 3

/** Rising: at least `minWindows` medians of windows of `windowSteps` steps increase each time, by a factor of `growth` in total. */
const windowSteps = 5
const minWindows = 4
const growth = 4

/** The first logged step with a non-finite loss, and every line that reports one in words. */
export const lossNotFinite = (lines: readonly LogLine[]): readonly Sighting[] => [
  ...lossesNotFinite(lines),
  ...lines.flatMap(({ text }, index) =>
    /\b[Ll]oss is (?:nan|inf)\b|\bLoss is NaN\b/.test(text) ? [{ from: index, to: index, figures: {} }] : [],
  ),
]

export function lossesNotFinite(lines: readonly LogLine[]): readonly Sighting[] {
  const steps = readSteps(lines)
  const first = steps.findIndex(({ loss }) => loss !== undefined && !Number.isFinite(loss))
  const bad = steps[first]
  if (!bad) return []
  return [{ from: bad.line, to: bad.line, figures: { ...figuresOf(steps, first), loss: String(bad.loss) } }]
}

export function normsHigh(lines: readonly LogLine[]): readonly Sighting[] {
  const steps = readSteps(lines).filter(({ norm }) => norm !== undefined)
  for (let start = 0; start < steps.length; start += 1) {
    if (!isHigh(steps[start])) continue
    let end = start
    while (isHigh(steps[end + 1])) end += 1
    const run = steps.slice(start, end + 1)
    if (run.length >= patience) {
      const finite = run.map(({ norm }) => norm ?? 0).filter(Number.isFinite)
      const highest = Math.max(...(finite.length > 0 ? finite : [Number.POSITIVE_INFINITY]))
      return [
        {
          from: run[0]?.line ?? 0,
          to: run.at(-1)?.line ?? 0,
          figures: { ...figuresOf(steps, start), norm: inWords(highest), steps: String(run.length) },
        },
      ]
    }
    start = end
  }
  return []
}

export function normsRising(lines: readonly LogLine[]): readonly Sighting[] {
  if (normsHigh(lines).length > 0) return []
  const steps = readSteps(lines).filter(({ norm }) => norm !== undefined && Number.isFinite(norm))
  if (steps.length < minWindows * windowSteps) return []
  let first = steps.length - windowSteps
  let low = medianNorm(steps, first)
  const high = low
  let count = 1
  for (let before = first - windowSteps; before >= 0; before -= windowSteps) {
    const median = medianNorm(steps, before)
    if (median >= low) break
    first = before
    low = median
    count += 1
  }
  if (count < minWindows || high < growth * low) return []
  return [
    {
      from: steps[first]?.line ?? 0,
      to: steps.at(-1)?.line ?? 0,
      figures: { ...figuresOf(steps, first), norm: inWords(high), before: inWords(low) },
    },
  ]
}

const isHigh = (step: LoggedStep | undefined): boolean => step?.norm !== undefined && !(step.norm <= highNorm)

/** Median norm of the window that begins at `first`. */
const medianNorm = (steps: readonly LoggedStep[], first: number): number =>
  steps
    .slice(first, first + windowSteps)
    .map(({ norm }) => norm ?? 0)
    .sort((a, b) => a - b)[Math.floor(windowSteps / 2)] ?? 0

/** Metrics of the step at `index` and of the last good one before it. */
function figuresOf(steps: readonly LoggedStep[], index: number): Figures {
  const bad = steps[index]
  const good = steps
    .slice(0, index)
    .reverse()
    .find((step) => !isHigh(step) && (step.loss === undefined || Number.isFinite(step.loss)))
  const rate = bad?.learningRate ?? good?.learningRate
  return {
    ...(bad && { place: placeOf(bad) }),
    ...(good && { goodPlace: placeOf(good) }),
    ...(rate !== undefined && { learningRate: String(rate) }),
    ...(bad?.layer !== undefined && { layer: bad.layer }),
    ...(bad?.batch !== undefined && { batch: bad.batch }),
  }
}

const placeOf = ({ line, step, epoch }: LoggedStep): string =>
  step !== undefined ? `step ${step}` : epoch !== undefined ? `epoch ${epoch}` : `line ${line + 1}`

const inWords = (norm: number): string =>
  Number.isFinite(norm) ? String(Number(norm.toPrecision(3))) : String(norm)
