/** Checks rendered output with the program that will read it. */

import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { say } from '@hadal/output'

export interface CheckOutcome {
  readonly isOk: boolean
  /** Its output, from both streams. */
  readonly said: string
}

/** The rules' own tests take half a minute of a core. */
const maxMillis = 600_000

/** Runs a program to its end, at most ten minutes. Does not reject. */
export async function runCheck(
  path: string,
  args: readonly string[],
  {
    folder,
    input,
    signal,
  }: { readonly folder: string; readonly input?: string; readonly signal?: AbortSignal },
): Promise<CheckOutcome> {
  const limit = AbortSignal.timeout(maxMillis)
  const child = spawn(path, args, {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    killSignal: 'SIGKILL',
  })
  const ended = new Promise<string | number>((resolve) => {
    child.once('error', (error) => resolve(limit.aborted ? say`took more than ten minutes` : error.message))
    child.once('close', (code, signalName) => resolve(code ?? signalName ?? 'ended'))
  })
  // A program that does not read all of it closes the pipe.
  child.stdin.on('error', () => {})
  child.stdin.end(input ?? '')
  const [out, error, how] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  const said = `${out}${error}`.trim()
  return { isOk: how === 0, said: typeof how === 'string' ? `${said}\n${how}`.trim() : said }
}
