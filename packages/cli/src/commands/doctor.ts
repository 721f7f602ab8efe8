/** `hadal doctor`: reads what a machine says of itself, judges it, and says what to do. Changes nothing. */

import { allChecks, runChecks } from '@hadal/doctor'
import { exitCodes } from '../report-error.ts'
import type { Terminal } from '../terminal.ts'

export interface DoctorFlags {
  readonly json?: boolean
  readonly capture?: string
  readonly fixture?: string
}

export async function doctor(
  _groups: readonly string[],
  _flags: DoctorFlags,
  terminal: Terminal,
): Promise<number> {
  const report = runChecks(allChecks, { version: 1, takenAt: Date.now(), readings: {} })
  terminal.print(JSON.stringify(report))
  return report.worst === 'error' ? exitCodes.failure : exitCodes.success
}
