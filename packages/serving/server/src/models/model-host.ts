/**
 * Loads models on demand, keeps them while in use, and unloads them for others or when idle, within one memory budget. Requests for a model
 * that is not loaded wait here; loads are served in request order.
 */

import { setMaxListeners } from 'node:events'
import { type Clock, type HadalError, isHadalError, type Logger, messageOf } from '@hadal/base'
import type { Engine } from '@hadal/engine'
import type { UnloadReason } from '@hadal/telemetry'
import { modelLoadFailed, modelOverBudget, modelPinned } from '../errors.ts'
import { HostedModel } from './hosted-model.ts'
import type { LocalModel } from './model-source.ts'
import { planRoom, type Resident, type Room } from './plan-room.ts'
import { Turns } from './turns.ts'
import { waitFor } from './wait-for.ts'

export interface ModelHostOptions {
  readonly room?: Room
  /** How long a load waits before models in use stop accepting requests to free memory. */
  readonly yieldAfterMillis?: number
  readonly clock: Clock
  readonly logger: Logger
  /** Called for a ready model; the returned handles are disposed with its engine. */
  readonly onReady?: (engine: Engine) => readonly Disposable[]
  readonly onChange?: (change: ModelChange) => void
}

export type ModelChange =
  | { readonly kind: 'loaded'; readonly model: string; readonly millis: number }
  | { readonly kind: 'unloaded'; readonly model: string; readonly reason: UnloadReason }
  | { readonly kind: 'failed'; readonly model: string }

/** Keeps a model loaded until it is disposed. */
export interface Lease extends Disposable {
  readonly engine: Engine
}

/** Unload reason of a model that is no longer configured. */
const servedNoLonger = 'it is served no longer'
const closing = (model: HostedModel): HadalError => modelLoadFailed(model.id ?? '', 'the server is closing')
const defaultYieldAfterMillis = 5_000
const [minRetryMillis, maxRetryMillis] = [1_000, 60_000]

export class ModelHost implements AsyncDisposable {
  readonly #options: ModelHostOptions
  readonly #clock: Clock
  readonly #models = new Set<HostedModel>()
  /** Removed but still in use. */
  readonly #leaving = new Set<HostedModel>()
  readonly #watches = new Map<HostedModel, readonly Disposable[]>()
  readonly #idleTimers = new Map<HostedModel, AbortController>()
  readonly #turns = new Turns()
  #room: Room
  #onRelease: (() => void)[] = []
  #closed = false
  readonly #over = new AbortController()

  constructor(sources: readonly LocalModel[], options: ModelHostOptions) {
    this.#options = options
    this.#clock = options.clock
    this.#room = options.room ?? {}
    for (const source of sources) this.add(source)
  }

  get models(): readonly HostedModel[] {
    return [...this.#models]
  }

  /** Adds a model and starts loading it if it is preloaded. */
  add(source: LocalModel): HostedModel {
    const model = new HostedModel(source)
    // Every waiting request adds a listener.
    setMaxListeners(0, model.removed.signal)
    this.#models.add(model)
    if (source.loadAtStart === true) this.load(model).catch(() => {})
    return model
  }

  /** Removes a model; resolves when it is no longer used and has been unloaded. */
  async remove(model: HostedModel): Promise<void> {
    this.#models.delete(model)
    this.#leaving.add(model)
    model.removed.abort(servedNoLonger)
    this.#wake()
    await this.#unloadWhenFree(model, 'reload')
    this.#leaving.delete(model)
  }

  /** Loaded models stay until memory is needed. */
  limit(room: Room): void {
    this.#room = room
  }

  /**
   * Loads the model and keeps it until the lease is disposed; undefined if it has been removed. Throws as `load` does, and the signal's
   * reason.
   */
  async hold(model: HostedModel, signal?: AbortSignal): Promise<Lease | undefined> {
    const removed = model.removed.signal
    const over = signal === undefined ? removed : AbortSignal.any([signal, removed])
    model.waiting += 1
    try {
      for (;;) {
        over.throwIfAborted()
        const engine = model.barred === undefined ? model.open : undefined
        if (engine !== undefined) return this.#lease(model, engine)
        await waitFor(this.load(model), over)
      }
    } catch (thrown) {
      if (removed.aborted && signal?.aborted !== true) return undefined
      throw thrown
    } finally {
      model.waiting -= 1
      if (model.claims === 0) this.#wake()
    }
  }

  /**
   * Advances loading; resolves when the model is ready or its state should be checked again. Throws `model_over_budget`, and
   * `model_load_failed`, which is cached for a while without a new attempt.
   */
  async load(model: HostedModel): Promise<void> {
    if (model.change !== undefined) return model.change
    if (model.barred !== undefined) return this.#released()
    if (model.open !== undefined) return
    if (model.failure !== undefined && this.#clock.now() < model.failure.retryAt)
      throw this.#failureNow(model.failure)
    if (model.state === 'ready') return this.#close(model, 'failed')
    return this.#changing(model, () => this.#load(model))
  }

  /** Resolves when no load or unload is in progress. */
  async settled(): Promise<void> {
    await Promise.all(this.models.map(({ change }) => change?.catch(() => {})))
  }

  /** Stops accepting requests, waits for active ones, and unloads. Throws `model_pinned`. */
  async unload(model: HostedModel): Promise<void> {
    if (model.source.pinned === true) throw modelPinned(model.id ?? '')
    await this.#unloadWhenFree(model, 'asked')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#over.abort('closed')
    this.#wake()
    await Promise.all([...this.#models, ...this.#leaving].map((model) => this.#end(model)))
  }

  #lease(model: HostedModel, engine: Engine): Lease {
    model.uses += 1
    this.#idleTimers.get(model)?.abort('in use')
    let held = true
    return {
      engine,
      [Symbol.dispose]: () => {
        if (!held) return
        held = false
        model.uses -= 1
        model.lastUsedAt = this.#clock.now()
        if (model.uses > 0) return
        this.#wake()
        this.#unloadWhenIdle(model)
      },
    }
  }

  async #load(model: HostedModel): Promise<void> {
    try {
      const need = (await model.source.estimateBytes?.()) ?? 0
      await this.#turns.take(() => this.#makeRoom(model, need))
      const startedAt = this.#clock.now()
      model.engine = await model.source.open()
      if (this.#closed) throw closing(model)
      await model.engine.ready()
      this.#ready(model, this.#clock.now() - startedAt)
    } catch (thrown) {
      throw await this.#failed(model, thrown)
    }
  }

  #ready(model: HostedModel, millis: number): void {
    const engine = model.engine!
    model.bytes = engine.model.memoryBytes ?? model.bytes
    model.loadMillis = millis
    model.state = 'ready'
    model.failure = undefined
    model.lastUsedAt = this.#clock.now()
    this.#watches.set(model, this.#options.onReady?.(engine) ?? [])
    this.#options.onChange?.({ kind: 'loaded', model: engine.model.id, millis })
    this.#unloadWhenIdle(model)
  }

  async #failed(model: HostedModel, thrown: unknown): Promise<HadalError> {
    const { engine, source } = model
    model.engine = undefined
    model.state = 'failed'
    model.bytes = 0
    if (source.isGiven !== true) await disposed(engine)
    const times = (model.failure?.times ?? 0) + 1
    const wait = Math.min(minRetryMillis * 2 ** (times - 1), maxRetryMillis)
    const name = source.id ?? 'the model'
    const isSaid = isHadalError(thrown) && thrown.code === modelOverBudget.spec.code
    const error = isSaid ? thrown : modelLoadFailed(name, messageOf(thrown)).with({ cause: thrown })
    model.failure = { error, retryAt: this.#clock.now() + wait, times }
    if (!this.#closed) this.#options.logger.error('an engine did not start', { model: name, error: thrown })
    this.#options.onChange?.({ kind: 'failed', model: name })
    this.#tryAgain(model, wait)
    return this.#failureNow(model.failure)
  }

  /** Retries a preloaded model: no request would trigger it, because clients wait for readiness. */
  #tryAgain(model: HostedModel, waitMillis: number): void {
    const { loadAtStart, isGiven } = model.source
    if (loadAtStart !== true || isGiven === true || this.#closed) return
    const over = AbortSignal.any([this.#over.signal, model.removed.signal])
    this.#clock.sleep(waitMillis, over).then(
      () => this.load(model).catch(() => {}),
      () => {},
    )
  }

  #failureNow({ error, retryAt }: NonNullable<HostedModel['failure']>): HadalError {
    return error.with({ retryAfterSeconds: Math.max(1, Math.ceil((retryAt - this.#clock.now()) / 1000)) })
  }

  /** Waits for memory; once reserved, the model counts as loading. */
  async #makeRoom(model: HostedModel, need: number): Promise<void> {
    const { yieldAfterMillis = defaultYieldAfterMillis } = this.#options
    const patientUntil = this.#clock.now() + yieldAfterMillis
    try {
      for (;;) {
        if (this.#closed) throw closing(model)
        if (model.removed.signal.aborted) throw modelLoadFailed(model.id ?? '', servedNoLonger)
        const plan = planRoom(need, this.#residents(), this.#room)
        if (plan.kind === 'fits') break
        if (plan.kind === 'never') throw modelOverBudget(model.id ?? '', need, plan.freeBytes)
        const chosen = plan.gone.map((resident) => resident.model)
        if (plan.kind === 'unload') await Promise.all(chosen.map((each) => this.#close(each, 'memory')))
        else await this.#untilOneIsFree(chosen, patientUntil)
      }
    } finally {
      for (const each of this.#models) if (each.barred === 'room') each.barred = undefined
    }
    model.bytes = need
    model.state = 'loading'
  }

  /** Waits until something ends that may free memory; after a grace period the chosen models get no new requests. */
  async #untilOneIsFree(chosen: readonly HostedModel[], patientUntil: number): Promise<void> {
    const patience = patientUntil - this.#clock.now()
    if (patience <= 0) for (const each of chosen) each.barred ??= 'room'
    const waiting = new AbortController()
    const impatient = patience > 0 ? [this.#clock.sleep(patience, waiting.signal).catch(() => {})] : []
    await Promise.race([this.#released(), ...impatient])
    waiting.abort('no longer waiting')
  }

  async #unloadWhenFree(model: HostedModel, reason: UnloadReason): Promise<void> {
    await model.change?.catch(() => {})
    model.barred = 'unload'
    while (model.uses > 0 && !this.#closed) await this.#released()
    if (model.state === 'ready') await this.#close(model, reason)
    else await model.change?.catch(() => {})
    model.barred = undefined
    this.#wake()
  }

  #unloadWhenIdle(model: HostedModel): void {
    const { idleUnloadMillis, pinned } = model.source
    if (idleUnloadMillis === undefined || pinned === true || this.#closed) return
    this.#idleTimers.get(model)?.abort('begun again')
    const timer = new AbortController()
    this.#idleTimers.set(model, timer)
    const unload = (): Promise<void> | undefined =>
      model.claims === 0 ? this.#close(model, 'idle') : undefined
    this.#clock.sleep(idleUnloadMillis, timer.signal).then(unload, () => {})
  }

  /** Closes an unused model; no reason at server shutdown. */
  #close(model: HostedModel, reason: UnloadReason | undefined): Promise<void> {
    model.state = 'unloading'
    return this.#changing(model, () => this.#unloaded(model, reason))
  }

  /** Serializes changes of a model; all callers share the promise. */
  #changing(model: HostedModel, change: () => Promise<void>): Promise<void> {
    const changed = Promise.resolve()
      .then(change)
      .finally(() => {
        model.change = undefined
        this.#wake()
      })
    model.change = changed
    return changed
  }

  async #unloaded(model: HostedModel, reason: UnloadReason | undefined): Promise<void> {
    const { engine, source } = model
    const name = engine?.model.id ?? ''
    this.#idleTimers.get(model)?.abort('unloaded')
    for (const watch of this.#watches.get(model) ?? []) watch[Symbol.dispose]()
    this.#watches.delete(model)
    if (source.isGiven !== true)
      await disposed(engine, (error) =>
        this.#options.logger.error('an engine did not close well', { model: name, error }),
      )
    model.engine = undefined
    model.bytes = 0
    model.state = 'unloaded'
    if (model.barred === 'room') model.barred = undefined
    if (reason !== undefined) this.#options.onChange?.({ kind: 'unloaded', model: name, reason })
  }

  /** Also for a loading model: its engine is closed first, which releases waiting requests. */
  async #end(model: HostedModel): Promise<void> {
    if (model.state === 'loading' && model.source.isGiven !== true) await disposed(model.engine)
    // A model that is still resolving files or waiting for memory has nothing to close, and stops once it sees that it was removed.
    if (model.source.isGiven !== true && model.resides) await model.change?.catch(() => {})
    if (model.state === 'ready') await this.#close(model, undefined)
  }

  #residents(): (Resident & { readonly model: HostedModel })[] {
    return [...this.#models, ...this.#leaving]
      .filter((model) => model.resides)
      .map((model) => ({
        model,
        bytes: model.bytes,
        pinned: model.source.pinned === true && this.#models.has(model),
        uses: model.claims,
        lastUsedAt: model.lastUsedAt,
      }))
  }

  #released(): Promise<void> {
    return new Promise((resolve) => void this.#onRelease.push(resolve))
  }

  #wake(): void {
    for (const resolve of this.#onRelease.splice(0)) resolve()
  }
}

async function disposed(
  engine: Engine | undefined,
  onError: (error: unknown) => void = () => {},
): Promise<void> {
  try {
    await engine?.[Symbol.asyncDispose]()
  } catch (error) {
    onError(error)
  }
}
