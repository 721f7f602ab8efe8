/** The growth of epsilon along a run, for planning: both bounds. */

import { epsilonOf } from './epsilon.ts'
import { addSteps, checkSteps, type Ledger } from './ledger.ts'

export interface PlannedSteps {
  readonly delta: number
  readonly sampleRate: number
  readonly noiseMultiplier: number
  readonly steps: number
  /** Budget spent earlier. */
  readonly spent?: Ledger
}

export interface CurvePoint {
  /** Steps of the plan made so far. */
  readonly steps: number
  readonly rdp: number
  readonly prv: number
}

/**
 * Epsilon after equal parts of the planned steps, the last of them after all.
 *
 * @param points how many; fewer where there are fewer steps
 * @throws `privacy_ledger_invalid`, `privacy_target_invalid`
 *
 * @example
 * ```ts
 * import { epsilonCurve } from '@hadal/privacy'
 *
 * const curve = epsilonCurve({ delta: 1e-5, sampleRate: 0.01, noiseMultiplier: 1, steps: 1_000 }, 4)
 * curve.map(({ steps, prv }) => `${steps} steps: ${prv.toFixed(1)}`) // → [ '250 steps: 1.0', '500 steps: 1.3', '750 steps: 1.6', '1000 steps: 1.8' ]
 * ```
 */
export function epsilonCurve(plan: PlannedSteps, points = 8): CurvePoint[] {
  const { delta, sampleRate, noiseMultiplier, steps, spent = [] } = plan
  checkSteps(steps)
  const parts = Math.min(points, steps)
  return Array.from({ length: parts }, (_, index) => {
    const made = Math.round((steps * (index + 1)) / parts)
    const ledger = addSteps(spent, { noiseMultiplier, sampleRate, steps: made })
    return { steps: made, rdp: epsilonOf(ledger, delta, 'rdp'), prv: epsilonOf(ledger, delta, 'prv') }
  })
}
