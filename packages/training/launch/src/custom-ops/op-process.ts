/** Starts the process that tries an operator: the user's TypeScript and C++ stay out of the command's own. */

import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { programEntry } from '@hadal/base'
import type { Terminal } from '@hadal/output'
import { exitCodeOf } from '../recipe-process.ts'
import { opFolderInvalid } from './errors.ts'

/** The job of the process; passed as JSON. */
export type OpJob =
  | { readonly kind: 'test'; readonly seed: number; readonly json: boolean }
  | { readonly kind: 'bench'; readonly rounds: number; readonly threads: number; readonly json: boolean }

/** `op.ts` of a folder, or the file itself. Throws `op_folder_invalid`. */
export function opFile(given: string, folder: string): string {
  const path = resolve(folder, given)
  const candidates = [path, join(path, 'op.ts'), join(path, 'op.js')]
  const found = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile())
  if (found === undefined) throw opFolderInvalid(given, 'it contains no op.ts')
  return found
}

/** Node arguments to run the job in a process. */
export function opArguments(job: OpJob, given: string, folder: string): string[] {
  const { path, execArgv } = programEntry(import.meta.url, './op-main')
  // An op.ts is TypeScript also where the command was built.
  const loader = execArgv.length > 0 ? execArgv : ['--import', import.meta.resolve('tsx')]
  return [...loader, path, JSON.stringify(job), opFile(given, folder)]
}

/** Its exit code. */
export async function runOpJob(job: OpJob, given: string, { folder }: Terminal): Promise<number> {
  const args = opArguments(job, given, folder)
  return exitCodeOf(spawn(process.execPath, args, { stdio: 'inherit', cwd: folder }))
}
