/** Exit codes of `hadal doctor`. */

import type { Severity } from '@hadal/doctor'
import { exitCodes } from '@hadal/output'

/** By what is worst, so that scripts can tell them apart; those of `hadal doctor explain` go on from here. */
export const doctorExitCodes: Readonly<Record<Severity, number>> = {
  error: 4,
  warning: 3,
  unknown: 6,
  note: exitCodes.success,
  ok: exitCodes.success,
  skipped: exitCodes.success,
}
