/**
 * Metrics of upstreams at a scrape. The relaying code keeps the counts; here they become monotonic counters, and the series of
 * removed replicas are deleted.
 */

import type { Counter } from 'prom-client'
import type { Registered } from './prometheus.ts'

export interface ReplicaSample {
  readonly url: string
  readonly health: 'unknown' | 'up' | 'down'
  readonly breaker: 'closed' | 'open' | 'halfOpen'
  readonly outstanding: number
  /** Total so far. */
  readonly attempts: number
  readonly failures: number
}

/** For a model that may sleep. */
export interface WakeSample {
  readonly estimate: { readonly likelyMillis: number } | undefined
  readonly wakes: number
  readonly last: { readonly wholeMillis: number; readonly startMillis?: number | undefined } | undefined
}

/** Counts since the upstream was created. */
export interface UpstreamSample {
  readonly running: number
  readonly waiting: number
  /** Requests that wait because no replica is healthy; included in `waiting`. */
  readonly held: number
  readonly wake: WakeSample
  readonly places: number
  readonly maxQueue: number
  readonly retried: number
  readonly hedged: number
  readonly interrupted: number
  readonly prefixHits: number
  readonly prefixMisses: number
  readonly replicas: readonly ReplicaSample[]
}

const wakePhases = ['all', 'start'] as const
const breakerStates = { closed: 0, halfOpen: 1, open: 2 } as const

export class UpstreamMetrics {
  readonly #registered: Registered
  readonly #watched = new Map<string, () => UpstreamSample>()
  /** Replicas with series, by model. */
  readonly #shown = new Map<string, ReadonlySet<string>>()
  /** Counts already applied, by labels. */
  readonly #counted = new Map<Counter, Map<string, number>>()

  constructor(registered: Registered) {
    this.#registered = registered
  }

  watch(model: string, read: () => UpstreamSample): Disposable {
    this.#watched.set(model, read)
    return {
      [Symbol.dispose]: () => {
        this.#watched.delete(model)
        const { requestsRunning, requestsWaiting, maxQueue, upstreamCapacity } = this.#registered
        const { upstreamHeld, upstreamWakeEta, upstreamWakeTime } = this.#registered
        const ofModel = [requestsRunning, requestsWaiting, maxQueue, upstreamCapacity, upstreamHeld]
        for (const gauge of [...ofModel, upstreamWakeEta]) gauge.remove(model)
        for (const phase of wakePhases) upstreamWakeTime.remove(model, phase)
        this.#forgetReplicas(model, new Set())
        for (const counted of this.#counted.values()) counted.delete(model)
      },
    }
  }

  /** Called at each scrape. */
  read(): void {
    for (const [model, read] of this.#watched) this.#show(model, read())
  }

  #show(model: string, sample: UpstreamSample): void {
    const metrics = this.#registered
    metrics.requestsRunning.set({ model_name: model }, sample.running)
    metrics.requestsWaiting.set({ model_name: model }, sample.waiting)
    metrics.maxQueue.set({ model_name: model }, sample.maxQueue)
    metrics.upstreamCapacity.set({ model_name: model }, sample.places)
    metrics.upstreamHeld.set({ model_name: model }, sample.held)
    this.#showWake(model, sample.wake)
    this.#count(metrics.upstreamRetries, [model], sample.retried)
    this.#count(metrics.upstreamHedges, [model], sample.hedged)
    this.#count(metrics.upstreamInterrupted, [model], sample.interrupted)
    this.#count(metrics.upstreamPrefixHits, [model], sample.prefixHits)
    this.#count(metrics.upstreamPrefixMisses, [model], sample.prefixMisses)
    for (const { url, health, breaker, outstanding, attempts, failures } of sample.replicas) {
      const labels = { model_name: model, replica: url }
      metrics.upstreamReplicaUp.set(labels, health === 'down' ? 0 : 1)
      metrics.upstreamBreaker.set(labels, breakerStates[breaker])
      metrics.upstreamOutstanding.set(labels, outstanding)
      this.#count(metrics.upstreamAttempts, [model, url], attempts)
      this.#count(metrics.upstreamFailures, [model, url], failures)
    }
    this.#forgetReplicas(model, new Set(sample.replicas.map(({ url }) => url)))
  }

  #showWake(model: string, { estimate, wakes, last }: WakeSample): void {
    const { upstreamWakes, upstreamWakeEta, upstreamWakeTime } = this.#registered
    this.#count(upstreamWakes, [model], wakes)
    if (estimate === undefined) upstreamWakeEta.remove(model)
    else upstreamWakeEta.set({ model_name: model }, estimate.likelyMillis / 1000)
    const took = { all: last?.wholeMillis, start: last?.startMillis }
    for (const phase of wakePhases) {
      const millis = took[phase]
      if (millis === undefined) upstreamWakeTime.remove(model, phase)
      else upstreamWakeTime.set({ model_name: model, phase }, millis / 1000)
    }
  }

  /** A decreased count was reset. */
  #count(counter: Counter, labels: readonly string[], now: number): void {
    const counted = this.#counted.get(counter) ?? new Map<string, number>()
    this.#counted.set(counter, counted)
    const key = labels.join(' ')
    const before = counted.get(key) ?? 0
    counter.labels(...labels).inc(now >= before ? now - before : now)
    counted.set(key, now)
  }

  #forgetReplicas(model: string, present: ReadonlySet<string>): void {
    const { upstreamReplicaUp, upstreamBreaker, upstreamOutstanding } = this.#registered
    const { upstreamAttempts, upstreamFailures } = this.#registered
    const all = [upstreamReplicaUp, upstreamBreaker, upstreamOutstanding, upstreamAttempts, upstreamFailures]
    for (const url of this.#shown.get(model) ?? []) {
      if (present.has(url)) continue
      for (const metric of all) metric.remove(model, url)
      for (const counted of this.#counted.values()) counted.delete(`${model} ${url}`)
    }
    this.#shown.set(model, present)
  }
}
