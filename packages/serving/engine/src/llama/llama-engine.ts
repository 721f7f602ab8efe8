/**
 * llama.cpp behind the `Engine` interface: a queue in front of an engine process. The process may crash; running requests then
 * fail with `engine_crashed`, queued ones keep waiting, and it is restarted. All use of the library is in `process/`, or in
 * another program with the same protocol (`../towers/`, `../onnx/`).
 */

import { type Clock, type HadalError, type Logger, silentLogger, systemClock } from '@hadal/base'
import type {
  AdapterInfo,
  AdapterUse,
  CacheQuestion,
  CacheView,
  Embeddings,
  EmbedRequest,
  Engine,
  EngineCapacity,
  EngineLimits,
  EngineLine,
  EngineSnapshot,
  GenerateEvent,
  GenerateRequest,
  Inference,
  InferRequest,
  ModelInfo,
  Prompt,
  Relevance,
  RerankRequest,
  Scheduling,
  StartReport,
  StepReport,
} from '../engine.ts'
import { engineClosed, engineCrashed } from '../errors.ts'
import { AdapterList } from './adapter-list.ts'
import { boundedLimits } from './bounded-limits.ts'
import { EventChannel } from './event-channel.ts'
import { GenerationDesk } from './generation-desk.ts'
import type { StepFigures } from './messages.ts'
import { type LlamaEngineOptions, type ResolvedOptions, resolveOptions } from './options.ts'
import { patience } from './patience.ts'
import { type RequestedPooled, PooledDesk, type ResultOf } from './pooled-desk.ts'
import { type ProcessEvents, ProcessKeeper } from './process-keeper.ts'
import { type AnswerTo, type Requested, Questions } from './questions.ts'
import { Standing } from './standing.ts'
import { Watchdog } from './watchdog.ts'

/**
 * Starts the engine's process immediately; `ready()` reports whether it came up. Throws `llama_option_invalid`, and
 * `adapter_exists` if two adapters have the same id.
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
  readonly #generating: GenerationDesk
  readonly #pooled: PooledDesk
  readonly #questions = new Questions()
  readonly #adapters: AdapterList
  readonly #listeners = new Set<(report: StepReport) => void>()
  readonly #standing = new Standing()
  #limits: EngineLimits
  #limitsChanged = false
  /** Number of consumers that want step members. */
  #memberReaders = 0
  #choices: readonly string[] = []
  #capacity: EngineCapacity | undefined
  #start: StartReport | undefined
  #steps = 0
  #kvCacheUsage = 0
  #patienceMillis = 0
  #whenIdle: (() => void)[] = []

  constructor(options: ResolvedOptions, clock: Clock, logger: Logger) {
    this.#options = options
    this.#limits = boundedLimits(options, options)
    this.#clock = clock
    this.#adapters = new AdapterList(options.adapters)
    this.#generating = new GenerationDesk({
      ...options,
      adapters: this.#adapters,
      clock,
      weightOf: (client) => options.clientWeights[client] ?? 1,
      process: () => this.#keeper.process,
      onChange: () => this.#settle(),
    })
    this.#pooled = new PooledDesk({
      ...options,
      clock,
      process: () => this.#keeper.process,
      onChange: () => this.#settle(),
    })
    this.#watchdog = new Watchdog(clock, () => this.#keeper.kill(this.#patienceMillis))
    const adapters = this.#adapters
    this.#keeper = new ProcessKeeper(options, () => adapters.files(), this.#processEvents(), clock, logger)
  }

  get model(): ModelInfo {
    return this.#standing.model
  }

  get choices(): readonly string[] {
    return this.#choices
  }

  get capacity(): EngineCapacity | undefined {
    return this.#capacity
  }

  ready(): Promise<void> {
    return this.#standing.ready
  }

  snapshot(): EngineSnapshot {
    return {
      state: this.#standing.state,
      running: this.#generating.running + this.#pooled.running,
      waiting: this.#generating.waiting + this.#pooled.waiting,
      maxBatchSize: this.#options.maxBatchSize,
      maxQueue: this.#options.maxQueue,
      kvCacheUsage: this.#kvCacheUsage,
      restarts: this.#keeper.restarts,
      ...(this.#start !== undefined && { start: this.#start }),
      ...(this.#keeper.pid !== undefined && { processes: [{ pid: this.#keeper.pid }] }),
      slots: this.#generating.slots,
    }
  }

  refusal(scheduling: Scheduling): HadalError | undefined {
    return this.#generating.refusal(scheduling)
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

  async promptLength(prompt: Prompt): Promise<number> {
    return this.#ask({ ask: 'promptLength', prompt })
  }

  async detokenize(tokens: readonly number[]): Promise<string> {
    return this.#ask({ ask: 'detokenize', tokens })
  }

  async pieces(tokens: readonly number[]): Promise<number[][]> {
    return this.#ask({ ask: 'pieces', tokens })
  }

  async embed({ id: _, inputs, ...scheduling }: EmbedRequest, signal?: AbortSignal): Promise<Embeddings> {
    const { vectors, tokens } = await this.#runPooled({ kind: 'embed', inputs }, scheduling, signal)
    const width = this.model.embeddingLength
    return { vectors: vectors.map((base64) => vectorsOf(base64, width)), tokens }
  }

  async rerank(request: RerankRequest, signal?: AbortSignal): Promise<Relevance> {
    const { id: _, priority: _1, client: _2, deadlineMillis: _3, ...requested } = request
    const work = { kind: 'rerank', ...requested } as const
    const { scores, areProbabilities, tokens } = await this.#runPooled(work, request, signal)
    return { scores, areProbabilities, tokens }
  }

  async infer(
    { id: _, inputs, outputs: wanted, ...scheduling }: InferRequest,
    signal?: AbortSignal,
  ): Promise<Inference> {
    const work = { kind: 'infer', inputs, outputs: wanted ?? null } as const
    const { outputs, times } = await this.#runPooled(work, scheduling, signal)
    return { outputs, times }
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
    this.#keeper.adaptersChanged()
  }

  async unloadAdapter(id: string): Promise<void> {
    this.#adapters.remove(id)
    this.#keeper.adaptersChanged()
    this.#settle()
  }

  async setAdapterScales(scales: readonly AdapterUse[]): Promise<void> {
    this.#adapters.setScales(scales)
  }

  onStep(listener: (report: StepReport) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  reportMembers(): Disposable {
    this.#memberReaders += 1
    if (this.#memberReaders === 1) this.#keeper.process?.reportMembers(true)
    let isOver = false
    return {
      [Symbol.dispose]: () => {
        if (isOver) return
        isOver = true
        this.#memberReaders -= 1
        if (this.#memberReaders === 0) this.#keeper.process?.reportMembers(false)
      },
    }
  }

  async caches(question: CacheQuestion): Promise<readonly CacheView[]> {
    const view = await this.#ask({ ask: 'cache', ...question })
    return view === null ? [] : [view]
  }

  line(most: number): EngineLine {
    return this.#generating.waitingLine(most)
  }

  get limits(): EngineLimits {
    return this.#limits
  }

  limit(changed: Partial<EngineLimits>): EngineLimits {
    this.#limits = boundedLimits({ ...this.#limits, ...changed }, this.#options)
    this.#limitsChanged = true
    for (const desk of [this.#generating, this.#pooled]) desk.limit(this.#limits)
    this.#keeper.process?.limit(this.#limits)
    this.#settle()
    return this.#limits
  }

  async drain(timeoutMillis: number): Promise<void> {
    this.#standing.drains()
    const timeout = new AbortController()
    const idle = new Promise<void>((resolve) => this.#whenIdle.push(resolve))
    this.#settle()
    await Promise.race([idle, this.#clock.sleep(timeoutMillis, timeout.signal)])
    timeout.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endAll(engineClosed('closed'))
    await this.#keeper.close()
  }

  async #ask<Q extends Requested>(requested: Q): Promise<AnswerTo<Q>> {
    this.#standing.checkService()
    const answer = this.#questions.ask(requested, this.#keeper.process)
    this.#settle()
    return answer
  }

  async #runPooled<Requested extends RequestedPooled>(
    requested: Requested,
    scheduling: Scheduling,
    signal: AbortSignal | undefined,
  ): Promise<ResultOf<Requested>> {
    this.#standing.check(requested.kind)
    return this.#pooled.run(requested, scheduling, signal)
  }

  /** Returns the function to call when the reader leaves. */
  #begin(
    channel: EventChannel<GenerateEvent>,
    request: GenerateRequest,
    signal: AbortSignal | undefined,
  ): () => void {
    this.#standing.check('generate')
    return this.#generating.begin(channel, request, signal)
  }

  /**
   * Call after any change of running or queued requests: frees unused adapters, updates the watchdog, and resolves a pending
   * drain.
   */
  #settle(): void {
    const process = this.#keeper.process
    if (process !== undefined) for (const ref of this.#adapters.takeUnneeded()) process.dropAdapter(ref)
    // The process replies to every message and reports every step.
    const isOwed = this.#generating.isOwed || this.#pooled.isOwed || this.#questions.unanswered
    if (isOwed) this.#watchdog.watch(this.#patienceMillis)
    else this.#watchdog.rest()
    const desks = [this.#generating, this.#pooled]
    if (desks.some(({ running, waiting }) => running + waiting > 0)) return
    for (const notify of this.#whenIdle) notify()
    this.#whenIdle = []
  }

  #processEvents(): ProcessEvents {
    return {
      ready: ({ model, choices, capacity }, start) => {
        this.#choices = choices
        this.#capacity = capacity
        this.#start = start
        const { stallTimeoutMillis, maxBatchTokens } = this.#options
        // An encoder reads its longest text in one pass.
        const imageTokens = (model.images?.tokens ?? 0) * this.#options.maxBatchSize
        const most = model.can.generate
          ? maxBatchTokens
          : Math.max(maxBatchTokens, model.contextLength, imageTokens)
        this.#patienceMillis = patience(stallTimeoutMillis, model.parameterCount, most)
        // Some requests were queued before the model was known, or for a different model.
        const { generate, embed, rerank, infer } = this.#standing.serves(
          withTemplate(model, this.#options.chatTemplate),
        )
        if (generate !== undefined) this.#generating.failWaiting(generate)
        if (embed !== undefined) this.#pooled.failWaiting(embed, 'embed')
        if (rerank !== undefined) this.#pooled.failWaiting(rerank, 'rerank')
        if (infer !== undefined) this.#pooled.failWaiting(infer, 'infer')
        this.#questions.askAll(this.#keeper.process!)
        if (this.#limitsChanged) this.#keeper.process!.limit(this.#limits)
        if (this.#memberReaders > 0) this.#keeper.process!.reportMembers(true)
        this.#pooled.dispatch()
        this.#generating.dispatch()
      },
      pooled: ({ step, results }) => {
        this.#watchdog.heard()
        this.#pooled.receive(results)
        this.#settle()
        if (step !== undefined) this.#report(step)
      },
      step: ({ step, kvCacheUsage, events, answers }) => {
        this.#kvCacheUsage = kvCacheUsage
        this.#watchdog.heard()
        this.#questions.answer(answers)
        // Resolve names before the events of this step end its sequences.
        const named = step?.members === undefined ? {} : this.#named(step)
        this.#generating.receive(events)
        this.#pooled.receive([])
        this.#settle()
        if (step !== undefined) this.#report(step, named)
      },
      died: ({ how }, restartInMillis) => {
        this.#standing.died()
        this.#kvCacheUsage = 0
        const retryAfterSeconds = Math.max(1, Math.ceil((restartInMillis ?? 0) / 1000))
        const error = (): HadalError => engineCrashed(how).with({ retryAfterSeconds })
        this.#questions.fail(error())
        this.#generating.failRunning(error)
        this.#pooled.failRunning(error)
        this.#settle()
      },
      outOfService: (error) => {
        this.#standing.goesOutOfService(error)
        this.#generating.failWaiting(error)
        this.#pooled.failWaiting(error)
        this.#questions.failAll(error)
        this.#settle()
      },
      gaveUp: (error) => this.#endAll(error),
    }
  }

  #report(step: StepFigures, named: Pick<StepReport, 'members' | 'preempted'> = {}): void {
    this.#steps += 1
    const { members: _, preempted: _1, ...figures } = step
    for (const listen of this.#listeners) listen({ step: this.#steps, ...figures, ...named })
  }

  /** Sequences cancelled in the meantime have no name any more. */
  #named({ members = [], preempted = [] }: StepFigures): Pick<StepReport, 'members' | 'preempted'> {
    const idOf = (key: number): string | undefined => this.#generating.idOf(key)
    return {
      members: members.flatMap(({ key, sharedWith: other, ...member }) => {
        const id = idOf(key)
        const sharedWith = other === undefined ? undefined : idOf(other)
        return id === undefined ? [] : [{ id, ...member, ...(sharedWith !== undefined && { sharedWith }) }]
      }),
      ...(preempted.length > 0 && { preempted: preempted.flatMap((key) => idOf(key) ?? []) }),
    }
  }

  /** Permanent: fails all running and queued requests. */
  #endAll(error: HadalError): void {
    this.#standing.closes(error)
    for (const desk of [this.#generating, this.#pooled]) {
      desk.failRunning(() => error)
      desk.failWaiting(error)
    }
    this.#questions.end(error)
    this.#settle()
  }
}

/** Little-endian 32-bit floats, as written by the process. */
function vectorsOf(base64: string, width: number): Float32Array[] {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  const all = new Float32Array(bytes.buffer)
  return Array.from({ length: all.length / width }, (_, at) => all.subarray(at * width, (at + 1) * width))
}

/** A custom template replaces all of the model's templates. */
function withTemplate(model: ModelInfo, chatTemplate: string | undefined): ModelInfo {
  if (chatTemplate === undefined) return model
  const { toolTemplate: _, ...own } = model
  return { ...own, chatTemplate }
}
