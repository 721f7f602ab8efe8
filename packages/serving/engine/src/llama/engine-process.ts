/**
 * A running engine process as its parent sees it: messages out, gathered to one per turn of the event loop; messages in;
 * and how it ended. Knows nothing of requests.
 */

import type { ChildProcess } from 'node:child_process'
import { type Logger, messageOf, type ProgramEntry } from '@hadal/base'
import type { EngineLimits } from '../engine.ts'
import { forkEngineProcess, takeEarlyProcess } from './early-process.ts'
import type { FromProcess, PooledWork, Question, StartSequence, ToProcess } from './messages.ts'

export interface ProcessEnd {
  /** `SIGKILL`, `exit code 1`. */
  readonly how: string
  /** What it last wrote to stderr. */
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
  tellMembers?: boolean
}

const keptLines = 12
/** How long a process gets to end by itself once its channel is closed; a step may be under way. */
const graceMillis = 1000

export class EngineProcess {
  /** Undefined where it could not be started. */
  readonly pid: number | undefined
  /** Resolves when it is gone, for whatever reason. */
  readonly ended: Promise<ProcessEnd>
  /** How long it had been starting before anyone wanted it. */
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
    // Where there are no file descriptors left for its pipes, there is an error and a child without any.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      logger.debug('engine process', { text })
      words = [...words, ...text.split('\n').filter((line) => line.trim() !== '')].slice(-keptLines)
    })
    // Not 'close': it never comes once the parent has disconnected.
    child.on('exit', (code, signal) => {
      const tell = (): void => end(signal ?? `exit code ${code}`)
      if (child.stderr?.closed === false) child.stderr.on('close', tell)
      else tell()
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

  tellMembers(tellMembers: boolean): void {
    this.#box().tellMembers = tellMembers
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

  /** `ended` follows. Works on a stopped process too. */
  kill(): void {
    this.#child?.kill('SIGKILL')
  }

  /** Lets it end by itself, then makes it. */
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
      // A message is one string, of a bounded length: many long texts at once, as after a restart, go one by one.
      if (!(thrown instanceof RangeError)) throw thrown
      this.#send(rest)
      for (const each of start) this.#send({ start: [each] })
      for (const each of pooled) this.#send({ pooled: [each] })
    }
  }

  /** Fails only when the process has just died, which `ended` tells. */
  #send(message: ToProcess): void {
    if (this.#child?.connected) this.#child.send(message, () => {})
  }
}
