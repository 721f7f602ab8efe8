/** The small run as a child process: what it said, when it started, how it ended. */

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { programEntry } from '@hadal/base'

export interface Said {
  started: boolean
  /** The last step done. */
  step: number
  /** Steps whose checkpoints it announced, in order. */
  readonly checkpoints: number[]
}

export interface Child {
  /** When it has begun or gone on with its run, or ended. */
  readonly started: Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly said: Said; readonly errors: string }>
  /** SIGKILL. */
  kill(): void
}

const program = programEntry(import.meta.url, './program')
/** Where it is built it is loaded before tsx, which would look at each of its modules. */
const packageFirst = [import.meta.resolve('@hadal/train')].filter((url) => url.endsWith('.js'))
const flags = [...packageFirst.flatMap((url) => ['--import', url]), ...program.execArgv]

export function startProgram(folder: string, steps: number): Child {
  const child = spawn(process.execPath, [...flags, program.path, folder, String(steps)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Said = { started: false, step: 0, checkpoints: [] }
  let errors = ''
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString()
  })
  const lines = createInterface({ input: child.stdout })
  const ended = new Promise<Awaited<Child['ended']>>((resolve, reject) => {
    child.once('error', reject)
    // After all lines: those said before a kill count.
    lines.once('close', () => {
      if (child.exitCode !== null || child.signalCode !== null)
        resolve({ code: child.exitCode, said, errors })
      else child.once('exit', (code) => resolve({ code, said, errors }))
    })
  })
  const started = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const [what, step] = line.split(' ') as [string, string]
      if (what === 'started') {
        said.started = true
        resolve()
      } else if (what === 'step') said.step = Number(step)
      else said.checkpoints.push(Number(step))
    })
    lines.once('close', resolve)
  })
  return { started, ended, kill: () => void child.kill('SIGKILL') }
}
