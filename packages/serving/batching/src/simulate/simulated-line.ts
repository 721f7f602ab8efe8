/**
 * The queue in front of the simulated process, with the decisions of the real one: rejection, order, waiting for batch mates,
 * and sending a more urgent request when the process is full.
 */

import { FairQueue, type QueuePlace } from '../fair-queue.ts'
import { firstPassDelay } from '../first-pass-delay.ts'
import { ServiceRate } from '../service-rate.ts'
import type { Job } from './job.ts'
import type { SimulatedService } from './simulated-service.ts'

export interface SimulatedLineOptions {
  readonly service: SimulatedService
  /** Slots of the process. */
  readonly places: number
  readonly timeoutMicros: number
  /** Arrivals from which on there is no wait for more batch mates. */
  readonly enough?: { readonly jobs: number; readonly tokens: number }
  /** Whether the process can preempt for a more urgent request. */
  readonly canPreempt: boolean
  readonly onEnter: (job: Job, dueAt: number | undefined, now: number) => void
  /** Charges keys for the service given in the process since the last call. */
  readonly charge: () => void
}

export type Refusal = 'queue_full' | 'deadline_unmet'

export class SimulatedLine {
  readonly #options: SimulatedLineOptions
  readonly #queue: FairQueue<Job>
  readonly #rate = new ServiceRate()
  readonly #inProcess = new Map<Job, number>()
  /** Prompt tokens in the queue. */
  #tokens = 0
  #nextDue = Number.POSITIVE_INFINITY
  /** With several keys or users, the service of each matters. */
  #hasSeveralKeys = false
  #key: string | undefined

  constructor(options: SimulatedLineOptions) {
    const { maxQueue, agingMillis, keyWeights } = options.service
    this.#options = options
    this.#queue = new FairQueue({ maxQueue, agingMillis, weightOf: (key) => keyWeights[key] ?? 1 })
  }

  get size(): number {
    return this.#queue.size
  }

  get running(): number {
    return this.#inProcess.size
  }

  enter(job: Job, now: number): Refusal | undefined {
    const { service } = this.#options
    const { place } = job
    this.#key ??= place.key
    this.#hasSeveralKeys ||= place.key !== this.#key
    const free = this.#freePlaces()
    if (this.#hasSeveralKeys) this.#options.charge()
    const withinMillis = job.request.withinMillis ?? service.sloTtftMillis
    if (withinMillis === undefined) return this.#offer(job, place, now, free)
    const backlog = {
      ahead: this.#queue.ahead(place.priority, now, place.key),
      places: this.#options.places,
      free,
      longestRunningMillis: this.#longestRunningMillis(now),
    }
    const mustWait = backlog.ahead >= free
    if (mustWait && this.#rate.firstMillis(backlog) > withinMillis) return 'deadline_unmet'
    const left = withinMillis - this.#rate.minMillis
    const dueAt = now + (left <= 0 && !mustWait ? withinMillis : Math.max(0, left))
    const refusal = this.#offer(job, { ...place, dueAt }, now, free)
    if (refusal === undefined) this.#nextDue = Math.min(this.#nextDue, dueAt)
    return refusal
  }

  /** Removes requests that can no longer meet their deadline. */
  removeLate(now: number): readonly Job[] {
    if (now < this.#nextDue) return []
    const late = this.#queue.removeLate(now)
    this.#nextDue = this.#queue.nextDue ?? Number.POSITIVE_INFINITY
    for (const { request } of late) this.#tokens -= request.promptTokens
    return late
  }

  /** The jobs that go to the process now. */
  dispatch(now: number): readonly Job[] {
    const jobs: Job[] = []
    if (this.#queue.size === 0 || this.#delay(now) > 0) return jobs
    if (this.#freePlaces() === 0 && !this.#options.canPreempt) return jobs
    if (this.#hasSeveralKeys) this.#options.charge()
    for (let next = this.#queue.peek(now); next !== undefined; next = this.#queue.peek(now)) {
      if (this.#freePlaces() === 0 && !this.#mayPreempt(next.item)) break
      this.#queue.take(now)
      this.#tokens -= next.item.request.promptTokens
      this.#inProcess.set(next.item, now)
      jobs.push(next.item)
    }
    return jobs
  }

  /** When to call again if nothing happens before. */
  wakeAt(now: number): number {
    const delay = this.#queue.size === 0 ? 0 : this.#delay(now)
    return Math.min(delay > 0 ? now + delay : Number.POSITIVE_INFINITY, this.#nextDue)
  }

  correct(job: Job, tokens: number): void {
    this.#queue.correct(job, tokens)
  }

  gaveFirst(job: Job, now: number): void {
    this.#rate.recordFirst(now - this.#inProcess.get(job)!)
  }

  end(job: Job, now: number): void {
    this.#rate.record(now - this.#inProcess.get(job)!)
    this.#inProcess.delete(job)
    this.#queue.done(job)
  }

  #offer(job: Job, place: QueuePlace, now: number, freePlaces: number): Refusal | undefined {
    if (!this.#queue.offer(job, place, now, freePlaces)) return 'queue_full'
    this.#tokens += job.request.promptTokens
    this.#options.onEnter(job, place.dueAt, now)
    return undefined
  }

  #freePlaces(): number {
    return Math.max(0, this.#options.places - this.#inProcess.size)
  }

  #mayPreempt(next: Job): boolean {
    if (!this.#options.canPreempt) return false
    let lessUrgent = 0
    for (const { place } of this.#inProcess.keys()) if (place.priority > next.place.priority) lessUrgent += 1
    return this.#inProcess.size - this.#options.places < lessUrgent
  }

  #delay(now: number): number {
    const { timeoutMicros, enough } = this.#options
    if (timeoutMicros === 0) return 0
    if (enough !== undefined && (this.#queue.size >= enough.jobs || this.#tokens >= enough.tokens)) return 0
    const [running, waiting, places] = [this.#inProcess.size, this.#queue.size, this.#freePlaces()]
    if (running > 0) return 0
    const { oldestArrivedAt, nextDue } = this.#queue
    const state = { running, waiting, places, oldestArrivedAt: oldestArrivedAt!, nextDue }
    return firstPassDelay(state, timeoutMicros, now)
  }

  #longestRunningMillis(now: number): number {
    for (const since of this.#inProcess.values()) return now - since
    return 0
  }
}
