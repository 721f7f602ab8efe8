/** What steps cost on a machine, by steps that were made there for the purpose. Pure. */

import { seededRandom } from '../simulate/random.ts'
import { type StepCoefficients, StepCosts, type StepWork } from '../step-costs.ts'

export interface MeasuredStep extends StepWork {
  readonly millis: number
}

export interface FittedCosts extends StepCoefficients {
  /** How far, at the median, a step is from what is foreseen: a share of it. */
  readonly medianError: number
  readonly steps: number
}

/** Undefined where there are too few. */
export function fitCosts(steps: readonly MeasuredStep[]): FittedCosts | undefined {
  const costs = new StepCosts({ memory: 1 })
  // What is far out is told by what came before it: all sorts of steps should have.
  const random = seededRandom(1)
  const shuffled = steps.map((step) => ({ step, at: random() })).sort((a, b) => a.at - b.at)
  for (const { step } of shuffled) costs.record(step, step.millis)
  if (!costs.areKnown) return undefined
  const errors = steps
    .map((step) => Math.abs(costs.millis(step) - step.millis) / step.millis)
    .sort((a, b) => a - b)
  return { ...costs.coefficients, medianError: errors[errors.length >> 1]!, steps: steps.length }
}
