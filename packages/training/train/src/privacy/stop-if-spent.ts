/** A private run ends where its budget does. Decisions only. */

import type { Audience } from '../audience.ts'
import type { Session } from '../session.ts'
import { isAsPlanned, stepsLeft } from './budget.ts'
import { budgetSpent } from './errors.ts'

/** The last step of a run within the budget: its ledger may contain more than the planned steps. */
export function lastPaidStep({ privacy, ledger = [], step }: Session): number {
  if (!privacy || isAsPlanned(privacy.plan, ledger, step)) return Number.POSITIVE_INFINITY
  return step + stepsLeft(privacy.plan, ledger)
}

/** Requests a stop with the spent budget in words if one more step would exceed it. */
export function stopIfSpent(session: Session, lastPaid: number, audience: Audience): void {
  const { privacy, step } = session
  // Checked before epsilon is computed, which takes milliseconds.
  if (!privacy || step < lastPaid) return
  const { code, message } = budgetSpent(session.epsilon!, privacy.plan.epsilon!, privacy.plan.delta, step)
  audience.stop(`${message} (${code})`)
}
