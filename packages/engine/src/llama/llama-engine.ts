/**
 * llama.cpp behind the `Engine` interface: a waiting line in front of an engine process. The process may die of anything;
 * requests that were in it fail with `engine_crashed`, those that wait keep waiting, and it is started again. Knows
 * nothing of the library: that is all in `process/`.
 */

import { type Clock, HadalError, type Logger, silentLogger, systemClock } from '@hadal/base'
import { AdmissionQueue, firstPassDelay, ServiceRate } from '@hadal/batching'
import type {
  AdapterInfo,
  AdapterUse,
  Embeddings,
  EmbedRequest,
  Engine,
  EngineSnapshot,
  GenerateEvent,
  GenerateRequest,
  ModelInfo,
  Relevance,
  RerankRequest,
  SlotInfo,
  StepReport,
} from '../engine.ts'
import {
  embeddingsOff,
  engineClosed,
  engineCrashed,
  generationOff,
  queueFull,
  rerankingOff,
} from '../errors.ts'
import { AdapterList } from './adapter-list.ts'
import { EventChannel } from './event-channel.ts'
import type { AdapterFile, SequenceEvent, StepFigures } from './messages.ts'
import { onAbort } from './on-abort.ts'
import { type LlamaEngineOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { patience } from './patience.ts'
import { type AskedPooled, PooledDesk, type ResultOf } from './pooled-desk.ts'
import { type ProcessEvents, ProcessKeeper } from './process-keeper.ts'
import { type AnswerTo, type Asked, Questions } from './questions.ts'
import { sequenceStart } from './sequence-start.ts'
import { Ticket } from './ticket.ts'
import { Watchdog } from './watchdog.ts'

/**
 * Starts the engine's process at once; `ready()` tells whether it came up. Throws `llama_option_invalid`, and
 * `adapter_exists` when two adapters have one id.
 */
export function createLlamaEngine(options: LlamaEngineOptions): Engine {
  return new LlamaEngine(
    resolveOptions(options),
    options.clock ?? systemClock,
    options.logger ?? silentLogger,
  )
}

class LlamaEngine implements Engine {
  readonly #options: ResolvedOptions
  readonly #clock: Clock
  readonly #keeper: ProcessKeeper
  readonly #watchdog: Watchdog
  readonly #queue: AdmissionQueue<Ticket>
  readonly #rate = new ServiceRate()
  /** In the process, by key. */
  readonly #running = new Map<number, Ticket>()
  readonly #questions = new Questions()
  readonly #pooled: PooledDesk
  readonly #adapters: AdapterList
  readonly #listeners = new Set<(report: StepReport) => void>()
  readonly #ready: Promise<void>
  #becameReady: () => void = () => {}
  #neverBecomesReady: (error: HadalError) => void = () => {}
  #state: EngineSnapshot['state'] = 'starting'
  #model: ModelInfo | undefined
  #choices: readonly string[] = []
  #nextKey = 1
  #steps = 0
  #kvCacheUsage = 0
  /** Since it fails to start; nothing is taken meanwhile. */
  #outOfService: HadalError | undefined
  /** Of the wait for prompts that share the first pass. */
  #company: AbortController | undefined
  #patienceMillis = 0
  /** A sequence was cancelled, and the process has said nothing since. */
  #cancelUnheard = false
  #whenIdle: (() => void)[] = []

  constructor(options: ResolvedOptions, clock: Clock, logger: Logger) {
    this.#options = options
    this.#clock = clock
    this.#queue = new AdmissionQueue(options.maxQueue)
    this.#pooled = new PooledDesk(options.maxBatchSize, options.maxQueue)
    this.#ready = new Promise((resolve, reject) => {
      this.#becameReady = resolve
      this.#neverBecomesReady = reject
    })
    this.#ready.catch(() => {})
    this.#watchdog = new Watchdog(clock, () => this.#keeper.kill(this.#patienceMillis))
    this.#adapters = new AdapterList(options.adapters)
    const filesOfAdapters = (): AdapterFile[] => this.#adapters.files()
    this.#keeper = new ProcessKeeper(options, filesOfAdapters, this.#processEvents(), clock, logger)
  }

  get model(): ModelInfo {
    if (this.#model === undefined) throw new Error('the model is known once ready() has resolved')
    return this.#model
  }

  get choices(): readonly string[] {
    return this.#choices
  }

  ready(): Promise<void> {
    return this.#ready
  }

  snapshot(): EngineSnapshot {
    return {
      state: this.#state,
      running: this.#running.size + this.#pooled.running,
      waiting: this.#queue.size + this.#pooled.waiting,
      maxBatchSize: this.#options.maxBatchSize,
      maxQueue: this.#options.maxQueue,
      kvCacheUsage: this.#kvCacheUsage,
      restarts: this.#keeper.restarts,
      slots: this.#slots(),
    }
  }

  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent> {
    return new EventChannel((channel) => this.#begin(channel, request, signal))
  }

  async tokenize(
    text: string,
    { addSpecial = false, parseSpecial = false }: { addSpecial?: boolean; parseSpecial?: boolean } = {},
  ): Promise<number[]> {
    return this.#ask({ ask: 'tokenize', text, addSpecial, parseSpecial })
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    return this.#ask({ ask: 'detokenize', tokens })
  }

  async pieces(tokens: readonly number[]): Promise<number[][]> {
    return this.#ask({ ask: 'pieces', tokens })
  }

  async embed({ inputs }: EmbedRequest, signal?: AbortSignal): Promise<Embeddings> {
    await this.#ready
    if (!this.model.can.embed) throw embeddingsOff(this.model.id)
    const { vectors, tokens } = await this.#runPooled({ kind: 'embed', inputs }, signal)
    const width = this.model.embeddingLength
    return { vectors: vectors.map((base64) => vectorsOf(base64, width)), tokens }
  }

  async rerank({ id: _, ...asked }: RerankRequest, signal?: AbortSignal): Promise<Relevance> {
    await this.#ready
    if (!this.model.can.rerank) throw rerankingOff(this.model.id)
    const { scores, areProbabilities, tokens } = await this.#runPooled({ kind: 'rerank', ...asked }, signal)
    return { scores, areProbabilities, tokens }
  }

  get adapters(): readonly AdapterInfo[] {
    return this.#adapters.infos
  }

  async loadAdapter(adapter: AdapterInfo): Promise<void> {
    const ref = this.#adapters.reserve(adapter)
    try {
      await this.#ask({ ask: 'loadAdapter', ref, path: adapter.path })
    } catch (thrown) {
      this.#adapters.giveUp(adapter)
      throw thrown
    }
    this.#adapters.add(ref, adapter)
  }

  async unloadAdapter(id: string): Promise<void> {
    this.#adapters.remove(id)
    this.#dropAdapters()
  }

  async setAdapterScales(scales: readonly AdapterUse[]): Promise<void> {
    this.#adapters.setScales(scales)
  }

  onStep(listener: (report: StepReport) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  async drain(timeoutMillis: number): Promise<void> {
    if (this.#state !== 'closed') this.#state = 'draining'
    const timeout = new AbortController()
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.#tellIfIdle()
    await Promise.race([idle, this.#clock.sleep(timeoutMillis, timeout.signal)])
    timeout.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endAll(engineClosed('closed'))
    await this.#keeper.close()
  }

  async #ask<Q extends Asked>(asked: Q): Promise<AnswerTo<Q>> {
    if (this.#outOfService !== undefined) throw this.#outOfService
    const answer = this.#questions.ask(asked, this.#keeper.process)
    this.#watch()
    return answer
  }

  async #runPooled<Asked extends AskedPooled>(
    asked: Asked,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Asked>> {
    if (this.#state === 'draining' || this.#state === 'closed') throw engineClosed(this.#state)
    if (this.#outOfService !== undefined) throw this.#outOfService
    const result = this.#pooled.run(
      asked,
      () => this.#keeper.process,
      () => this.#clock.now(),
      signal,
    )
    this.#watch()
    try {
      return await result
    } finally {
      this.#placeFreed()
    }
  }

  /** Returns what to do when the reader leaves. */
  #begin(
    channel: EventChannel<GenerateEvent>,
    request: GenerateRequest,
    signal: AbortSignal | undefined,
  ): () => void {
    if (this.#state === 'draining' || this.#state === 'closed') throw engineClosed(this.#state)
    if (this.#outOfService !== undefined) throw this.#outOfService
    if (this.#model?.can.generate === false) throw generationOff(this.#model.id)
    const now = this.#clock.now()
    const adapters = this.#adapters.setOf(request.adapters)
    const start = { ...sequenceStart(this.#nextKey, request), adapters }
    this.#nextKey += 1
    let stopListening = (): void => {}
    this.#adapters.hold(adapters)
    const ticket = new Ticket(request, start, channel, now, () => {
      stopListening()
      this.#adapters.release(adapters)
      this.#dropAdapters()
    })
    if (signal?.aborted) ticket.cancel(now)
    else if (!this.#queue.offer(ticket, now, this.#freePlaces())) ticket.fail(this.#queueFull(now))
    else if (signal !== undefined) stopListening = onAbort(signal, () => this.#cancel(ticket))
    this.#dispatch()
    return () => this.#cancel(ticket)
  }

  /** As many as have a place go to the process, unless it is worth waiting for company. */
  #dispatch(): void {
    const process = this.#keeper.process
    const oldest = this.#queue.peek()
    if (process === undefined || oldest === undefined) return
    const now = this.#clock.now()
    const delay = firstPassDelay(
      {
        running: this.#running.size,
        waiting: this.#queue.size,
        places: this.#freePlaces(),
        oldestArrivedAt: oldest.arrivedAt,
      },
      this.#options.timeoutMicros,
      now,
    )
    if (delay > 0) {
      if (this.#company === undefined) void this.#dispatchAfter(delay)
      return
    }
    this.#endWaitForCompany()
    while (this.#freePlaces() > 0) {
      const ticket = this.#queue.take()?.item
      if (ticket === undefined) break
      ticket.sent(now)
      this.#running.set(ticket.key, ticket)
      process.start(ticket.start)
    }
    this.#watch()
  }

  async #dispatchAfter(millis: number): Promise<void> {
    const company = new AbortController()
    this.#company = company
    await this.#clock.sleep(millis, company.signal).catch(() => {})
    if (company.signal.aborted) return
    this.#company = undefined
    this.#dispatch()
  }

  #endWaitForCompany(): void {
    this.#company?.abort()
    this.#company = undefined
  }

  /** Frees those that no request uses any more. */
  #dropAdapters(): void {
    const process = this.#keeper.process
    if (process === undefined) return
    for (const ref of this.#adapters.takeUnneeded()) process.dropAdapter(ref)
  }

  #slots(): SlotInfo[] {
    const places = new Map([...this.#running.values()].map(({ place }) => [place?.slot, place]))
    return Array.from(
      { length: this.#options.maxBatchSize },
      (_, slot) => places.get(slot) ?? { slot, promptTokens: 0, computedTokens: 0, generatedTokens: 0 },
    )
  }

  /** The process answers every message, and speaks after every step. */
  #watch(): void {
    const owesMessage = this.#running.size > 0 || this.#questions.unanswered || this.#cancelUnheard
    if (owesMessage || this.#pooled.isOwed) this.#watchdog.watch(this.#patienceMillis)
    else this.#watchdog.rest()
  }

  #freePlaces(): number {
    return this.#keeper.process === undefined ? 0 : this.#options.maxBatchSize - this.#running.size
  }

  #queueFull(now: number): HadalError {
    const [longestRunning] = this.#running.values()
    const retryAfterSeconds = this.#rate.retryAfterSeconds(
      this.#queue.size,
      this.#options.maxBatchSize,
      now - (longestRunning?.sentAt ?? now),
    )
    return queueFull(this.#queue.maxQueue).with({ retryAfterSeconds })
  }

  #cancel(ticket: Ticket): void {
    if (this.#running.delete(ticket.key)) {
      this.#keeper.process?.cancel(ticket.key)
      this.#cancelUnheard = true
    } else if (!this.#queue.remove(ticket)) return
    ticket.cancel(this.#clock.now())
    this.#placeFreed()
  }

  #processEvents(): ProcessEvents {
    return {
      ready: ({ model, choices }) => {
        this.#model = withTemplate(model, this.#options.chatTemplate)
        this.#choices = choices
        this.#outOfService = undefined
        const { stallTimeoutMillis, maxBatchTokens } = this.#options
        this.#patienceMillis = patience(stallTimeoutMillis, model.parameterCount, maxBatchTokens)
        if (this.#state !== 'draining') this.#state = 'ready'
        this.#becameReady()
        this.#dropAdapters()
        this.#questions.askAll(this.#keeper.process!)
        this.#pooled.dispatch(this.#keeper.process, this.#clock.now())
        this.#watch()
        this.#dispatch()
      },
      pooled: ({ step, results }) => {
        this.#watchdog.heard()
        this.#pooled.heard()
        this.#pooled.receive(results, this.#clock.now())
        this.#pooled.dispatch(this.#keeper.process, this.#clock.now())
        this.#watch()
        if (step !== undefined) this.#report(step)
      },
      step: ({ step, kvCacheUsage, events, answers }) => {
        this.#kvCacheUsage = kvCacheUsage
        this.#watchdog.heard()
        this.#cancelUnheard = false
        this.#pooled.heard()
        this.#questions.answer(answers)
        const now = this.#clock.now()
        for (const event of events) this.#sequenceEvent(event, now)
        this.#watch()
        if (step !== undefined) this.#report(step)
      },
      died: ({ how }, restartInMillis) => {
        if (this.#state === 'ready') this.#state = 'restarting'
        this.#kvCacheUsage = 0
        const retryAfterSeconds = Math.max(1, Math.ceil((restartInMillis ?? 0) / 1000))
        const error = (): HadalError => engineCrashed(how).with({ retryAfterSeconds })
        this.#questions.fail(error())
        for (const ticket of this.#running.values()) ticket.fail(error())
        this.#running.clear()
        this.#pooled.failRunning(error)
        this.#cancelUnheard = false
        this.#watch()
        this.#tellIfIdle()
      },
      outOfService: (error) => {
        this.#outOfService = error
        for (const ticket of this.#queue.clear()) ticket.fail(error)
        this.#pooled.failWaiting(error)
        this.#questions.failAll(error)
        this.#endWaitForCompany()
        this.#tellIfIdle()
      },
      gaveUp: (error) => this.#endAll(error),
    }
  }

  #report(step: StepFigures): void {
    this.#steps += 1
    for (const listen of this.#listeners) listen({ step: this.#steps, ...step })
  }

  #sequenceEvent(event: SequenceEvent, now: number): void {
    // One that was cancelled may still have had a step under way.
    const ticket = this.#running.get(event.key)
    const end = ticket?.receive(event, now)
    if (ticket === undefined || end === false) return
    this.#running.delete(event.key)
    if (end === true) this.#rate.record(now - ticket.sentAt!)
    else if (end !== undefined) ticket.fail(HadalError.revive(end))
    this.#placeFreed()
  }

  #placeFreed(): void {
    this.#dispatch()
    this.#watch()
    this.#tellIfIdle()
  }

  #tellIfIdle(): void {
    if (this.#running.size + this.#queue.size + this.#pooled.running + this.#pooled.waiting > 0) return
    for (const tell of this.#whenIdle) tell()
    this.#whenIdle = []
  }

  /** For good: everyone who runs or waits is told why. */
  #endAll(error: HadalError): void {
    this.#state = 'closed'
    this.#neverBecomesReady(error)
    for (const ticket of [...this.#running.values(), ...this.#queue.clear()]) ticket.fail(error)
    this.#running.clear()
    this.#pooled.failRunning(() => error)
    this.#pooled.failWaiting(error)
    this.#questions.end(error)
    this.#endWaitForCompany()
    this.#watchdog.rest()
    this.#tellIfIdle()
  }
}

/** Little-endian 32-bit floats, as the process writes them. */
function vectorsOf(base64: string, width: number): Float32Array[] {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  const all = new Float32Array(bytes.buffer)
  return Array.from({ length: all.length / width }, (_, at) => all.subarray(at * width, (at + 1) * width))
}

/** A template of one's own stands for all that the model brings. */
function withTemplate(model: ModelInfo, chatTemplate: string | undefined): ModelInfo {
  if (chatTemplate === undefined) return model
  const { toolTemplate: _, ...own } = model
  return { ...own, chatTemplate }
}
