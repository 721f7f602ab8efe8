/** Fits step costs to steps measured on a machine for this purpose. Pure. */

import { median, seededRandom } from '@hadal/base'
import { type StepCoefficients, StepCosts, type StepWork } from '../step-costs.ts'

export interface MeasuredStep extends StepWork {
  readonly millis: number
}

export interface FittedCosts extends StepCoefficients {
  /** Median relative error of the prediction. */
  readonly medianError: number
  readonly steps: number
}

/** Relative error above which a step gets a lower weight: another load probably delayed it. */
const usual = 0.3
const rounds = 4

/**
 * Minimises relative errors, so short steps count as much as long ones. Undefined if there are too few.
 *
 * @example
 * ```ts
 * import { fitCosts } from '@hadal/batching'
 *
 * const steps = Array.from({ length: 50 }, (_, tokens) => ({
 *   decodeTokens: tokens,
 *   prefillTokens: 0,
 *   attendedTokens: 0,
 *   millis: 20 + tokens / 2, // measured
 * }))
 * fitCosts(steps)?.perStep.toFixed(1) // → '20.0'
 * ```
 */
export function fitCosts(steps: readonly MeasuredStep[]): FittedCosts | undefined {
  const middle = median(steps.map(({ millis }) => millis))
  // Outliers are detected against earlier steps, so these must be a mix of all kinds.
  const random = seededRandom(1)
  const shuffled = steps
    .filter(({ millis }) => millis > 0)
    .map((step) => ({ step, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ step }) => step)
  let costs = fitted(shuffled, middle, undefined)
  for (let round = 1; round < rounds; round += 1) costs = fitted(shuffled, middle, costs)
  if (!costs.areKnown) return undefined
  const medianError = median(shuffled.map((step) => error(costs, step)))
  return { ...costs.coefficients, medianError, steps: steps.length }
}

function fitted(steps: readonly MeasuredStep[], middle: number, before: StepCosts | undefined): StepCosts {
  const costs = new StepCosts({ memory: 1 })
  for (const step of steps) {
    const off = before === undefined ? 0 : error(before, step)
    const weight = (middle / step.millis) ** 2 * (off > usual ? usual / off : 1)
    costs.record(step, step.millis, weight)
  }
  return costs
}

const error = (costs: StepCosts, step: MeasuredStep): number =>
  Math.abs(costs.millis(step) - step.millis) / step.millis
