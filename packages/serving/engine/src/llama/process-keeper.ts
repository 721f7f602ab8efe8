/**
 * Supervises an engine process: starts it, waits until it is ready, restarts it when it dies, or switches to the standby
 * process. It gives up only on a process that has never been ready: later problems may be temporary.
 */

import { type Clock, HadalError, type Logger, type ProgramEntry } from '@hadal/base'
import type { StartReport } from '../engine.ts'
import { engineClosed, engineStartFailed } from '../errors.ts'
import { EngineProcess, type ProcessEnd } from './engine-process.ts'
import type { AdapterFile, FromProcess } from './messages.ts'
import type { LlamaConfig } from './options.ts'
import { restartDelay } from './restart-delay.ts'
import { StandbyProcess } from './standby-process.ts'
import { startLine } from './start-line.ts'

type Ready = Extract<FromProcess, { type: 'ready' }>
type Step = Extract<FromProcess, { type: 'step' }>
type Pooled = Extract<FromProcess, { type: 'pooled' }>

/** Consecutive failed starts until it gives up, or fails the queued requests. */
const attemptsToStart = 4

export interface ProcessEvents {
  /** After every start. */
  ready(message: Ready, start: StartReport): void
  step(message: Step): void
  pooled(message: Pooled): void
  /** What was sent to the process is lost. It will be restarted, unless `gaveUp` follows. */
  died(end: ProcessEnd, restartInMillis: number | undefined): void
  /** It was ready once and does not become ready again; retries continue. Until `ready`, requests should not wait. */
  outOfService(error: HadalError): void
  /** Permanent. */
  gaveUp(error: HadalError): void
}

interface KeptConfig extends LlamaConfig {
  /** Whether a standby process is kept. */
  readonly standby: boolean
  /** The process's program; llama.cpp's by default. */
  readonly program?: ProgramEntry | undefined
}

export class ProcessKeeper {
  readonly #config: KeptConfig
  readonly #standby: StandbyProcess | undefined
  readonly #adapters: () => readonly AdapterFile[]
  readonly #events: ProcessEvents
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #closing = new AbortController()
  #process: EngineProcess | undefined
  #startedAt = 0
  #failure: HadalError | undefined
  #ready = false
  #wasEverReady = false
  #restarts = 0
  /** Since the process last computed anything. */
  #deathsInARow = 0
  /** Since it was last ready. */
  #failedStarts = 0

  /** `adapters` returns what a starting process must load. */
  constructor(
    config: KeptConfig,
    adapters: () => readonly AdapterFile[],
    events: ProcessEvents,
    clock: Clock,
    logger: Logger,
  ) {
    this.#config = config
    this.#adapters = adapters
    this.#events = events
    this.#clock = clock
    this.#logger = logger
    if (config.standby) this.#standby = new StandbyProcess(adapters, clock, logger, config.program)
    this.#start()
  }

  /** Process id of the current process, ready or not. */
  get pid(): number | undefined {
    return this.#process?.pid
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Undefined while it is not ready. */
  get process(): EngineProcess | undefined {
    return this.#ready ? this.#process : undefined
  }

  /** Kills a hung process; handled like a crash. */
  kill(silentMillis: number): void {
    this.#logger.error('the engine process has work and is silent: it is killed', { silentMillis })
    this.#process?.kill()
  }

  async close(): Promise<void> {
    this.#closing.abort(engineClosed('closed'))
    this.#ready = false
    await Promise.all([this.#process?.close(), this.#standby?.close()])
  }

  /** Processes started from now on load different adapters. */
  adaptersChanged(): void {
    this.#standby?.renew()
  }

  #start(): void {
    const open = {
      open: this.#config,
      adapters: { files: this.#adapters(), mayBeLost: this.#wasEverReady },
    }
    const hear = (message: FromProcess): void => this.#hear(process, message)
    const process = new EngineProcess(open, hear, this.#logger, this.#config.program)
    this.#startedAt = this.#clock.now() - process.headStartMillis
    this.#logger.debug('engine process started', { pid: process.pid, model: this.#config.modelPath })
    this.#follow(process)
  }

  #follow(process: EngineProcess): void {
    this.#process = process
    this.#failure = undefined
    void process.ended.then((end) => this.#ended(end, this.#failure))
  }

  /** Promotes the standby process, loaded or loading. False if there is none. */
  #takeOver(): boolean {
    const next = this.#standby?.take((process, message) => this.#hear(process, message))
    if (next === undefined) return false
    this.#startedAt = next.startedAt
    this.#restarts += 1
    this.#follow(next.process)
    if (next.ready !== undefined) this.#isReady(next.ready, 'the process that stood by has taken over')
    return true
  }

  #hear(process: EngineProcess, message: FromProcess): void {
    // Late messages of an ended process must not be attributed to the next one.
    if (this.#process !== process) return
    if (message.type === 'failed') this.#failure = HadalError.revive(message.error)
    else this.#receive(message)
  }

  #receive(message: Ready | Step | Pooled): void {
    if (this.#closing.signal.aborted) return
    if (message.type !== 'ready') {
      if (message.step !== undefined) this.#deathsInARow = 0
      if (message.type === 'step') this.#events.step(message)
      else this.#events.pooled(message)
      return
    }
    this.#isReady(message, undefined)
  }

  #isReady(message: Ready, how: string | undefined): void {
    const start = { millis: this.#clock.now() - this.#startedAt, phases: message.phases }
    this.#logger.info(how ?? startLine(start))
    for (const { message: why } of message.lostAdapters)
      this.#logger.error('an adapter could not be loaded again: requests for it are refused', { why })
    this.#ready = true
    this.#wasEverReady = true
    this.#failedStarts = 0
    this.#events.ready(message, start)
    // The same KV cache size: less memory is free by now.
    const config = { ...this.#config, kvCacheBytes: message.kvBudgetBytes }
    this.#standby?.keep(config, restartDelay(this.#deathsInARow))
  }

  #ended(end: ProcessEnd, failure: HadalError | undefined): void {
    if (this.#closing.signal.aborted) return
    if (!this.#ready) this.#failedStarts += 1
    this.#process = undefined
    this.#ready = false
    this.#deathsInARow += 1
    const delay = restartDelay(this.#deathsInARow)
    const failsToStart = this.#failedStarts >= attemptsToStart
    // A start that failed with an explicit error would fail again. If the model was served before, its file may be being
    // replaced.
    const hopeless = !this.#wasEverReady && (failsToStart || failure !== undefined)
    const how = failure?.message ?? end.how
    this.#logger.error('the engine process ended', {
      ...end,
      how,
      restartInMillis: hopeless ? 'never' : delay,
    })
    this.#events.died(end, hopeless ? undefined : delay)
    if (hopeless) {
      this.#events.gaveUp(failure ?? engineStartFailed(end.how, end.lastWords))
      return
    }
    if (failsToStart) {
      const retryAfterSeconds = Math.max(1, Math.ceil(delay / 1000))
      this.#events.outOfService(engineStartFailed(how, end.lastWords).with({ retryAfterSeconds }))
    }
    if (!this.#takeOver()) void this.#restartAfter(delay)
  }

  async #restartAfter(millis: number): Promise<void> {
    if (millis > 0) await this.#clock.sleep(millis, this.#closing.signal).catch(() => {})
    if (this.#closing.signal.aborted) return
    this.#restarts += 1
    this.#start()
  }
}
