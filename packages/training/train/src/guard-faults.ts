/** What is wrong with a guard's options, each as a sentence that names the value. */

import type { GuardOptions } from './divergence-guard.ts'

/** Of options with all values filled in; unknown keys are the caller's to find. */
export function guardFaults(options: GuardOptions): string[] {
  const faults: string[] = []
  const check = (name: keyof GuardOptions, sound: boolean, want: string): void => {
    if (!sound) faults.push(`${name} is ${JSON.stringify(options[name]) ?? 'undefined'}; it must be ${want}`)
  }
  const whole = (
    name: 'patience' | 'recoverSteps' | 'snapshotEverySteps' | 'maxInterventions',
    least: number,
  ): void =>
    check(
      name,
      Number.isSafeInteger(options[name]) && options[name] >= least,
      `a whole number of at least ${least}`,
    )
  const { maxNorm, lowerRate, batch } = options
  check('maxNorm', maxNorm > 0, 'above 0')
  check('lowerRate', lowerRate > 0 && lowerRate <= 1, 'above 0 and at most 1')
  check('batch', batch === 'skip' || batch === 'replay', '"skip" or "replay"')
  whole('patience', 1)
  whole('recoverSteps', 1)
  whole('snapshotEverySteps', 1)
  whole('maxInterventions', 0)
  return faults
}
