/** A private run ends where its budget does. Decisions only. */

import type { Audience } from '../audience.ts'
import type { Session } from '../session.ts'
import { isAsPlanned, stepsLeft } from './budget.ts'
import { budgetSpent } from './errors.ts'

/** The last step that the budget pays of a run as it stands: its ledger may have more than the steps that were planned. */
export function lastPaidStep({ privacy, ledger = [], step }: Session): number {
  if (!privacy || isAsPlanned(privacy.plan, ledger, step)) return Number.POSITIVE_INFINITY
  return step + stepsLeft(privacy.plan, ledger)
}

/** Asks the run to stop where one step more would go past its budget, with what is spent in words. */
export function stopIfSpent(session: Session, lastPaid: number, audience: Audience): void {
  const { privacy, step } = session
  // Before epsilon is asked for: it costs milliseconds.
  if (!privacy || step < lastPaid) return
  const { code, message } = budgetSpent(session.epsilon!, privacy.plan.epsilon!, privacy.plan.delta, step)
  audience.stop(`${message} (${code})`)
}
