/** Runs a program to its end, for claims that are measured by the command line or by a tool of others. */

import { spawn } from 'node:child_process'
import { defineError, type ErrorMaker } from '@hadal/base'

export const proveProgramFailed: ErrorMaker<[command: string, how: string, said: string]> = defineError({
  code: 'prove_program_failed',
  status: 500,
  when: 'A command that a claim runs failed.',
  message: (command, how, said) => `\`${command}\` ${how}${said === '' ? '' : `: ${said}`}`,
  help: 'Run the command manually to see its full output.',
})

export interface Said {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface ProgramOptions {
  /** Kills it; its reason is thrown. */
  readonly signal: AbortSignal
  readonly cwd?: string
  /** In addition to those of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Exit codes other than 0 that are results, too. */
  readonly codes?: readonly number[]
}

/** Throws `prove_program_failed` if the program cannot be started, is killed, or exits with an unexpected code. */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<Said> {
  const { signal, cwd, env, codes = [] } = options
  signal.throwIfAborted()
  const [program = '', ...args] = command
  const shown = command
    .map((word) => word.split('/').at(-1))
    .join(' ')
    .slice(0, 200)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
      ...(cwd !== undefined && { cwd }),
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const stop = (): void => void child.kill('SIGTERM')
    signal.addEventListener('abort', stop, { once: true })
    child.on('error', (error) => reject(proveProgramFailed(shown, 'could not be started', error.message)))
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop)
      if (signal.aborted) reject(signal.reason)
      else if (code !== null && (code === 0 || codes.includes(code))) resolve({ code, stdout, stderr })
      else
        reject(
          proveProgramFailed(
            shown,
            killedBy === null ? `ended with code ${code}` : `was ended by ${killedBy}`,
            stderr.trim().split('\n').slice(-3).join(' ').slice(-400),
          ),
        )
    })
  })
}
