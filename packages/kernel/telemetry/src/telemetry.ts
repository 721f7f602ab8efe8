/** Metrics of a server as Prometheus text. HTTP and engine code reports plain numbers to it. */

import { type Clock, systemClock } from '@hadal/base'
import { metrics } from '@hadal/protocol'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { GuardMetrics, type GuardSample } from './guard-metrics.ts'
import { bindModel, type ModelMetrics } from './model-metrics.ts'
import { register } from './prometheus.ts'
import { type SequenceTimeline, startTimeline } from './sequence-timeline.ts'
import { UpstreamMetrics, type UpstreamSample } from './upstream-metrics.ts'

/** One engine step. */
export interface StepSample {
  readonly decodeTokens: number
  readonly prefillTokens: number
  readonly running: number
  readonly millis: number
  /** Time in the library; absent if not measured. */
  readonly nativeMillis?: number
  /** Preempted sequences. */
  readonly preemptions?: number
  /** For a pass of a dual-encoder model. */
  readonly tower?: 'text' | 'image'
  /** Speculative decoding, if any. */
  readonly drafts?: { readonly count: number; readonly tokens: number; readonly accepted: number }
}

/** The state of a model's engine at a scrape. */
export interface EngineSample {
  readonly state: string
  readonly running: number
  readonly waiting: number
  readonly maxBatchSize: number
  readonly maxQueue: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
  readonly restarts: number
  /** Processes that accept requests; absent for a single-process engine. */
  readonly replicas?: number
  /** Start time of the current engine, in total and by phase. */
  readonly start?: { readonly millis: number; readonly phases: Readonly<Record<string, number>> }
}

/** Why a model was unloaded. */
export type UnloadReason = 'idle' | 'memory' | 'asked' | 'reload' | 'failed'

/** Keys and usage at a scrape. */
export interface AccountsSample {
  readonly journalBacklog: number
  readonly databaseUp: boolean
}

export interface Telemetry {
  /** Starts the timeline of a sequence whose request arrived now. */
  startSequence(model: string): SequenceTimeline
  step(model: string, sample: StepSample): void
  /** Texts of this many tokens were embedded or ranked. */
  textsRead(model: string, tokens: number): void
  /** `read` is called at each scrape until the result is disposed. */
  watchEngine(model: string, read: () => EngineSample): Disposable
  /** A model is available, whether or not it is loaded. */
  modelServed(model: string): void
  /** It accepts requests, this long after the decision to load it. */
  modelLoaded(model: string, millis: number): void
  modelUnloaded(model: string, reason: UnloadReason): void
  /** It is no longer available. */
  modelRemoved(model: string): void
  /** Like `watchEngine`, for a model on other servers. */
  watchUpstream(model: string, read: () => UpstreamSample): Disposable
  httpRequest(route: string, status: number): void
  error(code: string): void
  connectionDropped(): void
  configReloaded(outcome: 'applied' | 'unchanged' | 'refused'): void
  /** `reason` is the error code. */
  keyRefused(reason: string): void
  /** `read` is called at each scrape until the result is disposed. */
  watchAccounts(read: () => AccountsSample): Disposable
  guardVerdict(sample: GuardSample): void
  /** Tokens that were computed but not sent. */
  guardWithheld(tokens: number): void
  /** `locked` returns the number of locked-out callers; called at each scrape until the result is disposed. */
  watchGuard(locked: () => number): Disposable
  /** The text of `/metrics`. */
  expose(): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface TelemetryOptions {
  readonly clock?: Clock
  /** Also expose the process's own CPU, memory, event loop and garbage collection. */
  readonly processMetrics?: boolean
}

export function createTelemetry({
  clock = systemClock,
  processMetrics = false,
}: TelemetryOptions = {}): Telemetry {
  const registry = new Registry()
  const registered = register(registry, metrics)
  registered.configGood.set(1)
  if (processMetrics) collectDefaultMetrics({ register: registry })
  const models = new Map<string, ModelMetrics>()
  const engines = new Map<string, () => EngineSample>()

  const metricsOf = (model: string): ModelMetrics => {
    const known = models.get(model)
    if (known !== undefined) return known
    const bound = bindModel(registered, model)
    models.set(model, bound)
    return bound
  }
  const { requestsRunning, requestsWaiting, kvCacheUsage, engineReady, engineRestarts } = registered
  const { engineReplicas, maxBatchSize, maxQueue, modelLoaded } = registered
  /** Gauges of a running engine. */
  const gauges = [
    requestsRunning,
    requestsWaiting,
    kvCacheUsage,
    engineReady,
    engineReplicas,
    engineRestarts,
    maxBatchSize,
    maxQueue,
  ]
  const upstreams = new UpstreamMetrics(registered)
  const phasesSeen = new Map<string, Set<string>>()
  const setStart = (model: string, phases: Readonly<Record<string, number>>): void => {
    const seen = phasesSeen.get(model) ?? new Set()
    phasesSeen.set(model, seen)
    for (const [phase, millis] of Object.entries(phases)) {
      registered.startTime.set({ model_name: model, phase }, millis / 1000)
      seen.add(phase)
    }
    // A later start may omit a phase.
    for (const phase of seen) if (!(phase in phases)) registered.startTime.remove(model, phase)
  }
  let readAccounts: (() => AccountsSample) | undefined
  // Absent without accounts; zero would mean that their database is down.
  const forgetAccounts = (): void => {
    registered.journalBacklog.remove()
    registered.databaseUp.remove()
  }
  forgetAccounts()
  const setAccounts = (): void => {
    const sample = readAccounts?.()
    if (sample === undefined) return
    registered.journalBacklog.set(sample.journalBacklog)
    registered.databaseUp.set(sample.databaseUp ? 1 : 0)
  }
  const guard = new GuardMetrics(registered)
  const readEngines = (): void => {
    for (const [model, read] of engines) {
      const sample = read()
      requestsRunning.set({ model_name: model }, sample.running)
      requestsWaiting.set({ model_name: model }, sample.waiting)
      kvCacheUsage.set({ model_name: model }, sample.kvCacheUsage)
      const ready = sample.state === 'ready' ? 1 : 0
      engineReady.set({ model_name: model }, ready)
      engineReplicas.set({ model_name: model }, sample.replicas ?? ready)
      engineRestarts.set({ model_name: model }, sample.restarts)
      maxBatchSize.set({ model_name: model }, sample.maxBatchSize)
      maxQueue.set({ model_name: model }, sample.maxQueue)
      const { start } = sample
      setStart(model, start === undefined ? {} : { ...start.phases, all: start.millis })
    }
  }

  return {
    startSequence: (model) => startTimeline(metricsOf(model), clock),
    step(model, sample) {
      const { decodeTokens, prefillTokens, running, millis, tower, drafts } = sample
      const { nativeMillis = 0, preemptions = 0 } = sample
      const metrics = metricsOf(model)
      metrics.iterationTokens.observe(decodeTokens + prefillTokens)
      metrics.stepSequences.observe(running)
      metrics.stepTime.observe(millis / 1000)
      metrics.nativeTime.inc(nativeMillis / 1000)
      metrics.preemptions.inc(preemptions)
      if (tower !== undefined) {
        registered.clipBatchInputs.observe({ model_name: model, encoder: tower }, running)
        registered.clipBatchTime.observe({ model_name: model, encoder: tower }, millis / 1000)
      }
      if (drafts === undefined) return
      metrics.drafts.inc(drafts.count)
      metrics.draftTokens.inc(drafts.tokens)
      metrics.acceptedDraftTokens.inc(drafts.accepted)
    },
    textsRead: (model, tokens) => metricsOf(model).promptTokens.inc(tokens),
    watchEngine(model, read) {
      metricsOf(model)
      engines.set(model, read)
      return {
        [Symbol.dispose]() {
          engines.delete(model)
          for (const gauge of gauges) gauge.remove(model)
          setStart(model, {})
        },
      }
    },
    modelServed(model) {
      modelLoaded.inc({ model_name: model }, 0)
      registered.modelLoads.inc({ model_name: model }, 0)
    },
    modelLoaded(model, millis) {
      modelLoaded.set({ model_name: model }, 1)
      registered.modelLoads.inc({ model_name: model })
      registered.modelLoadTime.observe({ model_name: model }, millis / 1000)
    },
    modelUnloaded(model, reason) {
      modelLoaded.set({ model_name: model }, 0)
      registered.modelUnloads.inc({ model_name: model, reason })
    },
    modelRemoved: (model) => modelLoaded.remove(model),
    watchUpstream: (model, read) => upstreams.watch(model, read),
    httpRequest: (route, status) => registered.httpRequests.inc({ route, status }),
    error: (code) => registered.errors.inc({ code }),
    connectionDropped: () => registered.connectionsDropped.inc(),
    configReloaded(outcome) {
      registered.configReloads.inc({ outcome })
      registered.configGood.set(outcome === 'refused' ? 0 : 1)
    },
    keyRefused: (reason) => registered.keyRefusals.inc({ reason }),
    watchAccounts(read) {
      readAccounts = read
      return {
        [Symbol.dispose]() {
          if (readAccounts !== read) return
          readAccounts = undefined
          forgetAccounts()
        },
      }
    },
    guardVerdict: (sample) => guard.verdict(sample),
    guardWithheld: (tokens) => guard.withheld(tokens),
    watchGuard: (locked) => guard.watch(locked),
    async expose() {
      readEngines()
      guard.read()
      upstreams.read()
      setAccounts()
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}
