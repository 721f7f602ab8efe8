/** The process of one job: started in its own process group, and ended with everything that it started. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import type { ProgramEntry } from './program-entry.ts'

/** @internal */
export interface JobProcessOptions {
  readonly program: ProgramEntry
  /** Between SIGTERM and SIGKILL. */
  readonly graceMillis: number
  /** Arguments of `hadal`. */
  readonly args: readonly string[]
  readonly input: string | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  readonly onOutput: (text: string) => void
  readonly onNote: (text: string) => void
  /** Messages over the channel. */
  readonly onMessage?: (message: unknown) => void
}

/** @internal */
export interface JobExit {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Time to wait for remaining output after its end, in case another process holds the pipe open. */
const lastWordsMillis = 1000

/** @internal */
export class JobProcess {
  readonly #child: ChildProcess
  readonly #graceMillis: number
  readonly ended: Promise<JobExit>

  private constructor(child: ChildProcess, graceMillis: number) {
    this.#child = child
    this.#graceMillis = graceMillis
    this.ended = this.#untilEnd()
  }

  /** Rejects with the system's error if the process cannot be started. */
  static async start(options: JobProcessOptions): Promise<JobProcess> {
    const { program, args, input, env, folder, onOutput, onNote, onMessage } = options
    const { path, execArgv } = program
    const child = spawn(process.execPath, [...execArgv, path, ...args], {
      cwd: folder,
      env: { ...env, NO_COLOR: '1', FORCE_COLOR: undefined },
      // Ctrl-C is for the server, which ends its jobs; and a group can be killed as a whole.
      detached: true,
      // A closed channel shows that the server is gone, however that ended.
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', 'ipc'],
      windowsHide: true,
    })
    child.stdout!.setEncoding('utf8').on('data', onOutput)
    child.stderr!.setEncoding('utf8').on('data', onNote)
    if (onMessage !== undefined) child.on('message', onMessage)
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    child.on('error', () => {})
    // The process may exit without reading it.
    child.stdin?.on('error', () => {}).end(input)
    return new JobProcess(child, options.graceMillis)
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** Resolves when the whole group is gone. */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM')
    const isGone = await Promise.race([
      this.ended.then(() => true),
      setTimeout(this.#graceMillis, false, { ref: false }),
    ])
    if (!isGone) this.#killGroup()
    await this.ended
  }

  async #untilEnd(): Promise<JobExit> {
    const closed = once(this.#child, 'close')
    const [code, signal] = (await once(this.#child, 'exit')) as [number | null, NodeJS.Signals | null]
    this.#killGroup()
    await Promise.race([closed, setTimeout(lastWordsMillis, undefined, { ref: false })])
    return { code, signal }
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, 'SIGKILL')
    } catch {
      // No process is left.
    }
  }
}
