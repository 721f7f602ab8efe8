/** The spent and remaining privacy budget. Pure. */

import { addSteps, epsilonOf, type Ledger, stepsOf, stepsWithin } from '@hadal/privacy'
import type { PrivacyPlan } from './privacy-options.ts'

type Spending = Pick<PrivacyPlan, 'delta' | 'accountant'>

/** Epsilon of all steps in a ledger. */
export const epsilonSpent = (ledger: Ledger, { delta, accountant }: Spending): number =>
  stepsOf(ledger) === 0 ? 0 : epsilonOf(ledger, delta, accountant)

/** Number of further steps the budget allows after a ledger's; Infinity without a budget. */
export function stepsLeft(plan: PrivacyPlan, ledger: Ledger = plan.spent): number {
  const { epsilon, delta, sampleRate, noiseMultiplier, accountant } = plan
  if (epsilon === undefined) return Number.POSITIVE_INFINITY
  return stepsWithin({ epsilon, delta, sampleRate, noiseMultiplier, accountant, spent: ledger })
}

/** Whether a ledger records exactly the planned steps, and so stays within the budget checked before the first of them. */
export function isAsPlanned(
  { sampleRate, noiseMultiplier, spent }: PrivacyPlan,
  ledger: Ledger,
  steps: number,
): boolean {
  const planned = addSteps(spent, { noiseMultiplier, sampleRate, steps })
  const written = (of: Ledger): string =>
    JSON.stringify(of.map((entry) => [entry.noiseMultiplier, entry.sampleRate, entry.steps]))
  return written(ledger) === written(planned)
}
