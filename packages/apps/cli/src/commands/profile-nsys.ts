/** `hadal profile report.sqlite` and `hadal profile --nsys -- command`: reports Nsight Systems traces like any other profile. */

import { basename, resolve } from 'node:path'
import { deliverProfile, profileFiles } from '@hadal/load'
import type { Terminal } from '@hadal/output'
import { exitCodes, tryReportFile } from '@hadal/output'
import { advice, readNsysReport, runUnderNsys, summarizeTrace } from '@hadal/profiling'

export interface ProfileNsysFlags {
  readonly trace?: string | undefined
  readonly html?: string | undefined
  readonly json?: boolean | undefined
}

/** Reads a report exported to SQLite. */
export async function profileNsys(
  path: string,
  flags: ProfileNsysFlags,
  terminal: Terminal,
): Promise<number> {
  const files = profileFiles(flags, basename(path).replace(/\.sqlite$/, '.profile'), terminal)
  for (const file of [files.trace, files.html]) await tryReportFile(file)
  const trace = await readNsysReport(resolve(terminal.folder, path))
  const summary = summarizeTrace(trace)
  const found = advice(summary)
  if (flags.json === true) terminal.print(JSON.stringify({ summary, advice: found }, null, 2))
  const title = basename(path)
  await deliverProfile(
    { title, trace, advice: found, facts: { title } },
    files,
    terminal,
    flags.json === true,
  )
  return exitCodes.success
}

/** Runs a command under nsys and reports the profile. On failure, the exit code is the command's. */
export async function profileUnderNsys(
  command: readonly string[],
  flags: ProfileNsysFlags,
  terminal: Terminal,
): Promise<number> {
  const { code, report } = await runUnderNsys(command, 'hadal-nsys', terminal)
  if (code !== 0) return code
  return profileNsys(report, flags, terminal)
}
