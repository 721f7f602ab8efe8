/**
 * A second engine process, loaded and idle, that can take over immediately. It is started once the first one is ready, so that
 * the two do not load at the same time, and restarted silently when it dies.
 */

import { type Clock, HadalError, type Logger, type ProgramEntry } from '@hadal/base'
import { EngineProcess } from './engine-process.ts'
import type { AdapterFile, FromProcess } from './messages.ts'
import type { LlamaConfig } from './options.ts'
import { restartDelay } from './restart-delay.ts'

type Ready = Extract<FromProcess, { type: 'ready' }>
type Hear = (process: EngineProcess, message: FromProcess) => void

/** The promoted standby process. */
export interface Successor {
  readonly process: EngineProcess
  readonly startedAt: number
  /** Its ready message; undefined while it loads. */
  readonly ready: Ready | undefined
}

export class StandbyProcess {
  readonly #adapters: () => readonly AdapterFile[]
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #program: ProgramEntry | undefined
  readonly #closing = new AbortController()
  #config: LlamaConfig | undefined
  #current: { process: EngineProcess; startedAt: number; ready: Ready | undefined; hear: Hear } | undefined
  #deathsInARow = 0
  /** A start is scheduled. */
  #waiting = false

  constructor(adapters: () => readonly AdapterFile[], clock: Clock, logger: Logger, program?: ProgramEntry) {
    this.#program = program
    this.#adapters = adapters
    this.#clock = clock
    this.#logger = logger
  }

  /** Keeps a standby process from now on, started after `afterMillis` at the earliest. */
  keep(config: LlamaConfig, afterMillis: number): void {
    this.#config = config
    if (this.#current === undefined) void this.#startAfter(afterMillis)
  }

  /** Restarts it because its adapters are outdated. */
  renew(): void {
    this.#current?.process.kill()
  }

  /** Transfers it to the caller; its later messages go to `hear`. Undefined if there is none. */
  take(hear: Hear): Successor | undefined {
    const current = this.#current
    this.#current = undefined
    if (current !== undefined) current.hear = hear
    return current
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#current?.process.close()
  }

  async #startAfter(millis: number): Promise<void> {
    if (this.#waiting) return
    this.#waiting = true
    if (millis > 0) await this.#clock.sleep(millis, this.#closing.signal).catch(() => {})
    this.#waiting = false
    if (!this.#closing.signal.aborted && this.#current === undefined) this.#start(this.#config!)
  }

  #start(config: LlamaConfig): void {
    const open = { open: config, adapters: { files: this.#adapters(), mayBeLost: true } }
    const hear = (message: FromProcess): void => current.hear(process, message)
    const process = new EngineProcess(open, hear, this.#logger, this.#program)
    const current = {
      process,
      startedAt: this.#clock.now(),
      ready: undefined as Ready | undefined,
      hear: (_: EngineProcess, message: FromProcess): void => {
        if (message.type === 'failed')
          this.#logger.warn('the process to stand by cannot start', {
            why: HadalError.revive(message.error).message,
          })
        if (message.type !== 'ready') return
        current.ready = message
        this.#deathsInARow = 0
        this.#logger.debug('an engine process stands by', { pid: process.pid })
      },
    }
    this.#current = current
    this.#logger.debug('engine process started, to stand by', { pid: process.pid, model: config.modelPath })
    void process.ended.then(() => {
      if (this.#current !== current) return
      this.#current = undefined
      this.#deathsInARow += 1
      void this.#startAfter(restartDelay(this.#deathsInARow))
    })
  }
}
