/** Validates the guard's options; each issue is a sentence that includes the value. */

import type { GuardOptions } from './divergence-guard.ts'

/** Takes options with all defaults filled in; the caller rejects unknown keys. */
export function guardIssues(options: GuardOptions): string[] {
  const issues: string[] = []
  const check = (name: keyof GuardOptions, sound: boolean, want: string): void => {
    if (!sound) issues.push(`${name} is ${JSON.stringify(options[name]) ?? 'undefined'}; it must be ${want}`)
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
  return issues
}
