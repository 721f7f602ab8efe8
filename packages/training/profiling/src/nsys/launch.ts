/** Runs a command under Nsight Systems and exports its report to SQLite. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, rmSync, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import type { Terminal } from '@hadal/output'
import { signalExitCode } from '@hadal/output'
import { nsysMissing, nsysNoReport } from './errors.ts'

export interface NsysRun {
  /** The command's, as nsys hands it on. */
  readonly code: number
  /** In SQLite. */
  readonly report: string
}

/** Path of nsys. Throws `nsys_missing`. */
export function findNsys({ env }: Pick<Terminal, 'env'>): string {
  const found = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nsys'))
    .find(isProgram)
  if (found === undefined) throw nsysMissing()
  return found
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/**
 * The command line that runs `command` and leaves `NAME.nsys-rep` and `NAME.sqlite`: CUDA’s calls, kernels and copies, and NVTX ranges. CPU
 * samples are left out, for they need rights that containers seldom have.
 */
export const nsysArguments = (name: string, command: readonly string[]): string[] => [
  'profile',
  '--trace=cuda,nvtx',
  '--sample=none',
  '--cpuctxsw=none',
  '--export=sqlite',
  '--force-overwrite=true',
  `--output=${name}`,
  ...command,
]

/** `name` is the report's, in the terminal's folder. Throws `nsys_missing`, and `nsys_no_report` if the run succeeds without a report. */
export async function runUnderNsys(
  command: readonly string[],
  name: string,
  terminal: Terminal,
): Promise<NsysRun> {
  const program = findNsys(terminal)
  const base = resolve(terminal.folder, name)
  const report = `${base}.sqlite`
  // One of an earlier run would pass for that of this one.
  rmSync(report, { force: true })
  const child = spawn(program, nsysArguments(base, command), { stdio: 'inherit', cwd: terminal.folder })
  // A terminal sends Ctrl-C to all processes; nsys ends the command and writes what it has.
  const ignore = (): void => {}
  const forward = (): void => void child.kill('SIGTERM')
  process.on('SIGINT', ignore)
  process.on('SIGTERM', forward)
  try {
    const [exit, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
    const code = exit ?? signalExitCode(signal!)
    if (code === 0 && !existsSync(report)) throw nsysNoReport(report)
    return { code, report }
  } finally {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', forward)
  }
}
