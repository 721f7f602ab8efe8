/** `hadal doctor explain`: finds the root cause in logs, errors, events and nvidia-smi output. Offline. */

import { causes } from '@hadal/causes'
import { type Explanation, explain } from '@hadal/doctor'
import type { Terminal } from '@hadal/output'
import { exitCodes, say, usage } from '@hadal/output'
import type { LogStream } from '@hadal/probes'
import { explanationText, readInputs } from '@hadal/probes'

export interface DoctorExplainFlags {
  readonly fixture?: string
  readonly json?: boolean
}

/** Distinct from 1, which means that nothing was read. */
export const explainedCodes = { note: 0, warning: 3, error: 4, critical: 5, unknown: 6 } as const

/** Throws `usage` and whatever `readInputs` throws. */
export async function doctorExplain(
  paths: readonly string[],
  flags: DoctorExplainFlags,
  terminal: Terminal,
  input: LogStream = process.stdin,
): Promise<number> {
  if (paths.length === 0 && flags.fixture === undefined)
    throw usage(say`specify one or more files, or - for standard input`, 'hadal doctor explain')
  const now = Date.now()
  const inputs = await readInputs(paths, flags.fixture, { folder: terminal.folder, input, now })
  const explained = explain(inputs, causes, { now })
  if (flags.json === true) terminal.print(JSON.stringify(explained, null, 2))
  else terminal.print(explanationText(explained, terminal.style, terminal.columns))
  return codeOf(explained)
}

function codeOf({ cause, suspicious, isNothingThere }: Explanation): number {
  if (cause !== undefined) return explainedCodes[cause.severity]
  return suspicious.length > 0 || isNothingThere === true ? explainedCodes.unknown : exitCodes.success
}
