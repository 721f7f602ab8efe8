/**
 * The parent's handle on a running engine process: outgoing messages, merged to one per turn of the event loop; incoming
 * messages; and how it ended.
 */

import type { ChildProcess } from 'node:child_process'
import { type Logger, messageOf, type ProgramEntry } from '@hadal/base'
import type { EngineLimits } from '../engine.ts'
import { forkEngineProcess, takeEarlyProcess } from './early-process.ts'
import type { FromProcess, PooledWork, Question, StartSequence, ToProcess } from './messages.ts'

export interface ProcessEnd {
  /** `SIGKILL`, `exit code 1`. */
  readonly how: string
  /** The end of its stderr output. */
  readonly lastWords: string
}

interface Outbox extends ToProcess {
  readonly cancel: number[]
  readonly start: StartSequence[]
  readonly ask: Question[]
  readonly pooled: PooledWork[]
  readonly cancelPooled: number[]
  readonly dropAdapters: number[]
  limits?: EngineLimits
  reportMembers?: boolean
}

const keptLines = 12
/** Time for the process to exit after its channel is closed; a step may be running. */
const graceMillis = 1000

export class EngineProcess {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined
  /** Resolves when the process has ended, for any reason. */
  readonly ended: Promise<ProcessEnd>
  /** How long it had been starting before it was needed. */
  readonly headStartMillis: number = 0
  readonly #child: ChildProcess | undefined
  #outbox: Outbox | undefined

  constructor(
    open: Pick<ToProcess, 'open' | 'adapters'>,
    onMessage: (message: FromProcess) => void,
    logger: Logger,
    program?: ProgramEntry,
  ) {
    let words: string[] = []
    let end: (how: string) => void = () => {}
    this.ended = new Promise((resolve) => {
      end = (how) => resolve({ how, lastWords: words.join('\n') })
    })
    try {
      const early = program === undefined ? takeEarlyProcess() : undefined
      this.#child = early?.child ?? forkEngineProcess(program)
      if (early !== undefined) this.headStartMillis = performance.now() - early.forkedAt
    } catch (thrown) {
      end(messageOf(thrown))
      return
    }
    const child = this.#child
    this.pid = child.pid
    child.on('error', (error) => end(error.message))
    // If there are no file descriptors for its pipes, there is an error and a child without pipes.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      logger.debug('engine process', { text })
      words = [...words, ...text.split('\n').filter((line) => line.trim() !== '')].slice(-keptLines)
    })
    // Not 'close', which is never emitted once the parent has disconnected.
    child.on('exit', (code, signal) => {
      const notify = (): void => end(signal ?? `exit code ${code}`)
      if (child.stderr?.closed === false) child.stderr.on('close', notify)
      else notify()
    })
    child.on('message', (message) => onMessage(message as FromProcess))
    this.#send(open)
  }

  cancel(key: number): void {
    const box = this.#box()
    const unsent = box.start.findIndex((start) => start.key === key)
    if (unsent >= 0) box.start.splice(unsent, 1)
    else box.cancel.push(key)
  }

  start(start: StartSequence): void {
    this.#box().start.push(start)
  }

  ask(question: Question): void {
    this.#box().ask.push(question)
  }

  dropAdapter(ref: number): void {
    this.#box().dropAdapters.push(ref)
  }

  limit(limits: EngineLimits): void {
    this.#box().limits = limits
  }

  reportMembers(reportMembers: boolean): void {
    this.#box().reportMembers = reportMembers
  }

  startPooled(work: PooledWork): void {
    this.#box().pooled.push(work)
  }

  cancelPooled(key: number): void {
    const box = this.#box()
    const unsent = box.pooled.findIndex((work) => work.key === key)
    if (unsent >= 0) box.pooled.splice(unsent, 1)
    else box.cancelPooled.push(key)
  }

  /** `ended` follows. Also works on a stopped process. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Lets the process exit by itself, then kills it. */
  async close(): Promise<void> {
    if (this.#child?.connected) this.#child.disconnect()
    const timer = setTimeout(() => this.kill(), graceMillis)
    await this.ended
    clearTimeout(timer)
  }

  #box(): Outbox {
    if (this.#outbox !== undefined) return this.#outbox
    this.#outbox = { cancel: [], start: [], ask: [], pooled: [], cancelPooled: [], dropAdapters: [] }
    setImmediate(() => this.#flush())
    return this.#outbox
  }

  #flush(): void {
    const { start, pooled, ...rest } = this.#outbox!
    this.#outbox = undefined
    try {
      this.#send({ start, pooled, ...rest })
    } catch (thrown) {
      // A message is one string with a length limit: if many long texts exceed it, as after a restart, send them one by one.
      if (!(thrown instanceof RangeError)) throw thrown
      this.#send(rest)
      for (const each of start) this.#send({ start: [each] })
      for (const each of pooled) this.#send({ pooled: [each] })
    }
  }

  /** Fails only if the process has just died, which `ended` reports. */
  #send(message: ToProcess): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }
}
