/** A supervised program: logs its output, restarts it when it ends, and ends it with this process, however that ends. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf, processStart } from '@hadal/base'
import { say } from '@hadal/output'
import { isDiskFull, monitorNotReady, monitorProgramEnded, monitorStateUnwritable } from './errors.ts'
import type { ProcessMark } from './state-folder.ts'

export interface ProgramPlan {
  /** As people call it: `Prometheus`. */
  readonly name: string
  readonly path: string
  readonly args: readonly string[]
  readonly log: string
  readonly env: Readonly<Record<string, string>>
  /** `setpriv` of util-linux, if available: it makes the kernel end the program when this process is killed. */
  readonly setpriv: string | undefined
  /** From its start until it must be ready; two minutes by default. */
  readonly readyMillis?: number
  /** From asking it to end until it is killed; ten seconds by default. */
  readonly stopMillis?: number
  isReady(): Promise<boolean>
  /** A sentence on what happened to it. */
  onNews(text: string): void
  /** It runs under another number than before. */
  onStart(): void
}

/** A program that ended so often within `restartWindowMillis` is not started again. */
const maxRestarts = 3
const restartWindowMillis = 60_000

export class WatchedProgram implements AsyncDisposable {
  readonly #plan: ProgramPlan
  #child: ChildProcess | undefined
  #start = ''
  #isStopping = false
  #restarts: number[] = []
  #logOffset = 0
  /** Rejects when it will not run any more; never resolves. */
  readonly failed: Promise<never>
  #fail!: (error: Error) => void

  constructor(plan: ProgramPlan) {
    this.#plan = plan
    this.failed = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failed.catch(() => {})
  }

  /** Mark of the process; undefined while none runs. */
  get mark(): ProcessMark | undefined {
    const pid = this.#child?.pid
    return pid === undefined || this.#start === '' ? undefined : { pid, start: this.#start }
  }

  /** Resolves when it is ready. Throws `monitor_program_ended`, `monitor_not_ready`, and the signal's reason. */
  async start(signal: AbortSignal): Promise<void> {
    keepPrevious(this.#plan.log)
    const child = this.#spawn()
    await Promise.race([this.failed, this.#ready(child, signal)])
    if (hasEnded(child)) throw this.#endedError(child)
    child.once('exit', () => void this.#again())
  }

  /** Whether the log has said since the last call that the disk is full. */
  hasDiskFilled(): boolean {
    const said = readFrom(this.#plan.log, this.#logOffset)
    this.#logOffset += said.length
    return isDiskFull(said.toString('latin1'))
  }

  /** Requests a stop, and kills a program that does not end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true
    const child = this.#child
    if (child?.pid === undefined || hasEnded(child)) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), this.#plan.stopMillis ?? 10_000)
    await exited
    clearTimeout(timer)
  }

  #spawn(): ChildProcess {
    const { path, args, log, setpriv, env, name } = this.#plan
    const [program, ...rest] =
      setpriv === undefined ? [path, ...args] : [setpriv, '--pdeathsig', 'TERM', '--', path, ...args]
    let file: number
    try {
      file = openSync(log, 'a')
    } catch (error) {
      throw monitorStateUnwritable(log, messageOf(error))
    }
    try {
      // A separate process group: Ctrl-C is for this process, which ends both programs in order.
      const child = spawn(program!, rest, { stdio: ['ignore', file, file], detached: true, env })
      child.once('error', (error) => this.#fail(monitorProgramEnded(name, messageOf(error), log, [])))
      this.#child = child
      this.#start = child.pid === undefined ? '' : (processStart(child.pid) ?? '')
      this.#plan.onStart()
      return child
    } finally {
      closeSync(file)
    }
  }

  /** Returns when it is ready or has ended. Throws `monitor_not_ready`, and the signal's reason. */
  async #ready(child: ChildProcess, signal?: AbortSignal): Promise<void> {
    const { readyMillis = 120_000 } = this.#plan
    const until = performance.now() + readyMillis
    while (performance.now() < until) {
      signal?.throwIfAborted()
      // It could not be run, which is an event to come.
      if (child.pid === undefined) return this.failed
      if (hasEnded(child) || (await this.#plan.isReady())) return
      await sleep(100)
    }
    throw monitorNotReady(this.#plan.name, readyMillis / 1000, this.#plan.log)
  }

  /** Restarts after an unexpected end. */
  async #again(): Promise<void> {
    if (this.#isStopping) return
    const { name, onNews } = this.#plan
    const now = performance.now()
    this.#restarts = [...this.#restarts.filter((at) => now - at < restartWindowMillis), now]
    const error = this.#endedError(this.#child!)
    if (this.#restarts.length > maxRestarts) {
      this.#fail(error)
      return
    }
    onNews(say`${error.message.split('\n')[0]}; restarting it`)
    await sleep(500 * 2 ** (this.#restarts.length - 1))
    if (this.#isStopping) return
    try {
      const child = this.#spawn()
      child.once('exit', () => void this.#again())
      await this.#ready(child)
      if (!hasEnded(child)) onNews(say`${name} is running again`)
    } catch (thrown) {
      this.#fail(thrown as Error)
    }
  }

  #endedError({ exitCode, signalCode }: ChildProcess): Error {
    const { name, log } = this.#plan
    return monitorProgramEnded(name, signalCode ?? say`exit code ${exitCode}`, log, lastLines(log))
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

/** The log of the run before stays alongside. */
function keepPrevious(log: string): void {
  if (existsSync(log)) renameSync(log, `${log}.previous`)
}

/** Up to 3 error lines, or the last lines if none. */
function lastLines(log: string): readonly string[] {
  const { size } = statSync(log, { throwIfNoEntry: false }) ?? { size: 0 }
  const text = readFrom(log, Math.max(0, size - 8192)).toString('utf8')
  const lines = text.trim().split('\n').slice(-20)
  const issues = lines.filter((line) => /level=error|level=ERROR|panic|error:/.test(line))
  return (issues.length > 0 ? issues : lines).slice(-3).map((line) => line.slice(0, 400))
}

const maxRead = 1024 * 1024

/** From `offset`, at most 1 MiB; empty if the file does not exist. */
function readFrom(log: string, offset: number): Buffer {
  let file: number
  try {
    file = openSync(log, 'r')
  } catch {
    return Buffer.alloc(0)
  }
  try {
    const length = Math.min(maxRead, Math.max(0, fstatSync(file).size - offset))
    const bytes = Buffer.alloc(length)
    return bytes.subarray(0, readSync(file, bytes, 0, length, offset))
  } finally {
    closeSync(file)
  }
}
