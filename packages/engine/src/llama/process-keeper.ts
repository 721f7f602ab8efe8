/**
 * Keeps an engine process alive: starts it, waits for it to be ready, starts it again when it dies. It gives up only on
 * one that has never been ready: later, what is amiss may be mended. Knows nothing of requests.
 */

import { type Clock, HadalError, type Logger } from '@hadal/base'
import { engineClosed, engineStartFailed } from '../errors.ts'
import { EngineProcess, type ProcessEnd } from './engine-process.ts'
import type { AdapterFile, FromProcess } from './messages.ts'
import type { LlamaConfig } from './options.ts'
import { restartDelay } from './restart-delay.ts'

type Ready = Extract<FromProcess, { type: 'ready' }>
type Step = Extract<FromProcess, { type: 'step' }>
type Pooled = Extract<FromProcess, { type: 'pooled' }>

/** Failed starts in a row until it is given up, or those that wait are told. */
const attemptsToStart = 4

export interface ProcessEvents {
  /** After every start, the first and later ones. */
  ready(message: Ready): void
  step(message: Step): void
  pooled(message: Pooled): void
  /** What was sent to the process is lost. It will be started again, unless `gaveUp` follows. */
  died(end: ProcessEnd, restartInMillis: number | undefined): void
  /** Was ready once and does not become so again; it goes on being tried. Until `ready`, nothing is worth waiting for. */
  outOfService(error: HadalError): void
  /** For good. */
  gaveUp(error: HadalError): void
}

export class ProcessKeeper {
  readonly #config: LlamaConfig
  readonly #adapters: () => readonly AdapterFile[]
  readonly #events: ProcessEvents
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #closing = new AbortController()
  #process: EngineProcess | undefined
  #ready = false
  #wasEverReady = false
  #restarts = 0
  /** Since the process last computed anything. */
  #deathsInARow = 0
  /** Since it was last ready. */
  #failedStarts = 0

  /** `adapters` says what a process that starts must load. */
  constructor(
    config: LlamaConfig,
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
    this.#start()
  }

  get restarts(): number {
    return this.#restarts
  }

  /** Undefined while it is not ready. */
  get process(): EngineProcess | undefined {
    return this.#ready ? this.#process : undefined
  }

  /** The process no longer answers. What follows is as if it had died by itself. */
  kill(silentMillis: number): void {
    this.#logger.error('the engine process has work and is silent: it is killed', { silentMillis })
    this.#process?.kill()
  }

  async close(): Promise<void> {
    this.#closing.abort(engineClosed('closed'))
    this.#ready = false
    await this.#process?.close()
  }

  #start(): void {
    let failure: HadalError | undefined
    const process = new EngineProcess(
      {
        open: this.#config,
        adapters: { files: this.#adapters(), mayBeLost: this.#wasEverReady },
      },
      (message) => {
        // What is still on its way from one that ended must not be taken for the next one's.
        if (this.#process !== process) return
        if (message.type === 'failed') failure = HadalError.revive(message.error)
        else this.#receive(message)
      },
      this.#logger,
    )
    this.#process = process
    this.#logger.debug('engine process started', { pid: process.pid, model: this.#config.modelPath })
    void process.ended.then((end) => this.#ended(end, failure))
  }

  #receive(message: Ready | Step | Pooled): void {
    if (this.#closing.signal.aborted) return
    if (message.type !== 'ready') {
      if (message.step !== undefined) this.#deathsInARow = 0
      if (message.type === 'step') this.#events.step(message)
      else this.#events.pooled(message)
      return
    }
    for (const { message: why } of message.lostAdapters)
      this.#logger.error('an adapter could not be loaded again: requests for it are refused', { why })
    this.#ready = true
    this.#wasEverReady = true
    this.#failedStarts = 0
    this.#events.ready(message)
  }

  #ended(end: ProcessEnd, failure: HadalError | undefined): void {
    if (this.#closing.signal.aborted) return
    if (!this.#ready) this.#failedStarts += 1
    this.#process = undefined
    this.#ready = false
    this.#deathsInARow += 1
    const delay = restartDelay(this.#deathsInARow)
    const failsToStart = this.#failedStarts >= attemptsToStart
    // A start that says why it failed would only fail again. Once the model was served, its file may be about to be replaced.
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
    void this.#restartAfter(delay)
  }

  async #restartAfter(millis: number): Promise<void> {
    if (millis > 0) await this.#clock.sleep(millis, this.#closing.signal).catch(() => {})
    if (this.#closing.signal.aborted) return
    this.#restarts += 1
    this.#start()
  }
}
