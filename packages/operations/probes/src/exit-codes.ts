/** Exit codes of `hadal doctor`. */

import type { Severity } from '@hadal/doctor'
import { exitCodes } from '@hadal/output'

/** By the worst severity, so that scripts can distinguish them; `hadal doctor explain` continues the numbering. */
export const doctorExitCodes: Readonly<Record<Severity, number>> = {
  error: 4,
  warning: 3,
  unknown: 6,
  note: exitCodes.success,
  ok: exitCodes.success,
  skipped: exitCodes.success,
}
