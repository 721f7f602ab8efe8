/** Forecasts the privacy spent by a run, step by step, before it starts. Creates no tensors. */

import { addSteps, type CurvePoint, epsilonCurve } from '@hadal/privacy'
import type { RunConfig } from '../run-config.ts'
import { epsilonSpent } from './budget.ts'
import { privacyPlan } from './privacy-issues.ts'
import { type PrivacyPlan, usualDelta } from './privacy-options.ts'

export interface PrivacyForecast extends PrivacyPlan {
  /** After the last step, by the run's accountant. */
  readonly spends: number
  /** Cumulative spending over steps, including earlier runs, by both bounds. */
  readonly curve: readonly CurvePoint[]
  readonly warnings: readonly string[]
}

/**
 * Undefined for a run that is not private. The run must be valid.
 *
 * @example
 * ```ts
 * import { run } from './my-run.ts' // export const run = defineRun({ ... })
 * import { forecastPrivacy } from '@hadal/train'
 *
 * const forecast = forecastPrivacy(run)
 * if (forecast !== undefined) console.log(`epsilon ${forecast.spends.toFixed(2)} after ${forecast.steps} steps`)
 * ```
 */
export function forecastPrivacy(run: RunConfig): PrivacyForecast | undefined {
  const plan = privacyPlan(run)
  if (plan === undefined) return undefined
  const { steps, noiseMultiplier, sampleRate, spent } = plan
  return {
    ...plan,
    spends: epsilonSpent(addSteps(spent, { noiseMultiplier, sampleRate, steps }), plan),
    curve: epsilonCurve(plan),
    warnings: privacyWarnings(plan),
  }
}

/** Settings that are valid but weaken the guarantee. */
export function privacyWarnings({ rows, delta, accountant, secure }: PrivacyPlan): string[] {
  const warnings: string[] = []
  if (delta >= 1 / rows)
    warnings.push(
      `privacy.delta is ${delta} for ${rows} rows: at 1 / rows or above, publishing a whole row would satisfy the guarantee; remove it to use ${usualDelta(rows)}`,
    )
  if (accountant === 'gdp')
    warnings.push('privacy.accountant gdp is an approximation that may be too low; prv and rdp are bounds')
  if (!secure)
    warnings.push(
      'privacy.secure is false: rows and noise derive from the seed, and anyone who knows it can remove the noise',
    )
  return warnings
}
