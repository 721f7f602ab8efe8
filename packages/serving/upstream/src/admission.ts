/**
 * The queue in front of the replicas: a request that gets a slot goes immediately, a limited number may wait, the most urgent
 * first and clients in turn (`FairQueue`). Retries go before all of them. Requests that cannot get a slot or a first byte in
 * time are rejected with a Retry-After. While no replica is healthy, requests are rejected, or held for a configured time.
 * Independent of HTTP.
 */

import { type Clock, formatMillis, type HadalError, onAbort } from '@hadal/base'
import { type Backlog, FairQueue, ServiceRate, type WeightOf } from '@hadal/batching'
import { upstreamBusy, upstreamLate, upstreamUnavailable } from './errors.ts'
import type { RelayScheduling } from './upstream.ts'
import type { WakeEstimate } from './wake/estimate-wake.ts'

export interface Seats<Entrant, Seat> {
  /** Takes a slot for it; undefined if none is free. */
  take(entrant: Entrant, now: number): Seat | undefined
  /** Slots of the healthy replicas. */
  places(now: number): { readonly total: number; readonly free: number }
  /** When a slot may become free merely because time passes. */
  changesAt(now: number): number | undefined
  /** Why there are no slots at all. */
  complaint(): string
}

/** What happens to requests while no replica is healthy. */
export interface Holding {
  /** Maximum time to hold a request; 0: never hold. */
  readonly millis: number
  /** Whether requests may be held because no replica exists or responds: one may come up at any time. */
  isAsleep(): boolean
  /** A request is waiting while the model is asleep. */
  requested(now: number): void
  /** When a replica will be healthy. */
  estimate(now: number): WakeEstimate | undefined
}

export interface AdmissionOptions<Entrant, Seat> {
  readonly id: string
  readonly clock: Clock
  readonly maxQueue: number
  readonly weightOf: WeightOf | undefined
  readonly agingMillis: number | undefined
  readonly seats: Seats<Entrant, Seat>
  readonly holding: Holding
}

interface Waiter<Entrant, Seat> {
  readonly entrant: Entrant
  readonly seated: (seat: Seat) => void
  readonly refused: (error: unknown) => void
}

export class Admission<Entrant extends object, Seat> {
  readonly #options: AdmissionOptions<Entrant, Seat>
  readonly #queue: FairQueue<Entrant>
  readonly #rate = new ServiceRate()
  readonly #waiters = new Map<Entrant, Waiter<Entrant, Seat>>()
  /** Requests to retry, in order. */
  #again: readonly Entrant[] = []
  /** Arrival time of each request. */
  readonly #cameAt = new WeakMap<Entrant, number>()
  /** When each running request was admitted. */
  readonly #running = new Map<Entrant, number>()
  /** Deadlines for first bytes. */
  readonly #promised = new Map<Entrant, number>()
  #wake: { readonly at: number; readonly wait: AbortController } | undefined

  constructor(options: AdmissionOptions<Entrant, Seat>) {
    this.#options = options
    const { maxQueue, weightOf, agingMillis } = options
    this.#queue = new FairQueue({
      maxQueue,
      ...(weightOf !== undefined && { weightOf }),
      ...(agingMillis !== undefined && { agingMillis }),
    })
  }

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#queue.size + this.#again.length
  }

  /** Requests that wait while no replica is healthy. */
  get held(): number {
    return this.#hasPlaces(this.#options.clock.now()) ? 0 : this.#waiters.size
  }

  /** The error for a new request, if it would be rejected. */
  refusal({ priority = 0, client = '', deadlineMillis }: RelayScheduling): HadalError | undefined {
    const { id, maxQueue } = this.#options
    const now = this.#options.clock.now()
    const backlog = this.#backlog(priority, client, now)
    if (backlog.places === 0 && !this.#isHeld(now, now)) return this.unavailable()
    const isLate = deadlineMillis !== undefined && this.#soonestMillis(backlog, now) > deadlineMillis
    if (!isLate && !this.#queue.isFull(backlog.free, client)) return undefined
    const refused = isLate ? upstreamLate(id, deadlineMillis) : upstreamBusy(id, maxQueue)
    return refused.with({ retryAfterSeconds: this.#retryAfterSeconds(now) })
  }

  /** No replica is healthy. `waitedMillis`: how long the request was held. */
  unavailable(waitedMillis = 0): HadalError {
    const { id, clock, seats } = this.#options
    const now = clock.now()
    const { latestMillis } = this.#options.holding.estimate(now) ?? {}
    const wait = latestMillis ?? (seats.changesAt(now) ?? now + 1000) - now
    const waited = waitedMillis > 0 ? `after ${formatMillis(waitedMillis)} of waiting, ` : ''
    return upstreamUnavailable(id, `${waited}${seats.complaint()}${this.#outlook(now)}`).with({
      retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)),
    })
  }

  /** Whether a request that arrived then is held while no replica is healthy. */
  holds(entrant: Entrant): boolean {
    const now = this.#options.clock.now()
    return this.#isHeld(this.#cameAt.get(entrant) ?? now, now)
  }

  /** Resolves with a slot. Throws the rejection, or the signal's reason. */
  async enter(
    entrant: Entrant,
    scheduling: RelayScheduling,
    tokens: number,
    signal: AbortSignal,
  ): Promise<Seat> {
    signal.throwIfAborted()
    const now = this.#options.clock.now()
    this.#noteDemand(now)
    const refused = this.refusal(scheduling)
    if (refused !== undefined) throw refused
    this.#cameAt.set(entrant, now)
    const { priority = 0, client = '', user, deadlineMillis } = scheduling
    const backlog = this.#backlog(priority, client, now)
    const place = {
      priority,
      key: client,
      ...(user !== undefined && { user }),
      tokens,
      // A later slot would miss the deadline of the first byte.
      ...(deadlineMillis !== undefined && { dueAt: now + this.#patience(deadlineMillis, backlog) }),
    }
    if (deadlineMillis !== undefined) this.#promised.set(entrant, now + deadlineMillis)
    this.#queue.offer(entrant, place, now, backlog.free)
    return this.#wait(entrant, signal)
  }

  /** Another slot for an admitted request. */
  async enterAgain(entrant: Entrant, signal: AbortSignal): Promise<Seat> {
    signal.throwIfAborted()
    this.#again = [...this.#again, entrant]
    return this.#wait(entrant, signal)
  }

  gaveFirst(entrant: Entrant): void {
    const now = this.#options.clock.now()
    const since = this.#running.get(entrant)
    if (since !== undefined) this.#rate.recordFirst(now - since)
    const promised = this.#promised.get(entrant)
    if (promised !== undefined) this.#rate.promised(now <= promised)
  }

  /** The request ended. `tokens`: actual minus estimated cost. `isServed`: it completed. */
  left(
    entrant: Entrant,
    { tokens = 0, isServed = false }: { readonly tokens?: number; readonly isServed?: boolean } = {},
  ): void {
    const since = this.#running.get(entrant)
    if (since !== undefined && isServed) this.#rate.record(this.#options.clock.now() - since)
    if (tokens !== 0) this.#queue.correct(entrant, tokens)
    this.#queue.done(entrant)
    this.#promised.delete(entrant)
    this.#running.delete(entrant)
    this.dispatch()
  }

  /** Slots may have become free, or all of them disappeared. */
  dispatch(): void {
    const now = this.#options.clock.now()
    this.#dropLate(now)
    if (this.#waiters.size > 0 && !this.#hasPlaces(now)) this.#hold(now)
    // A request that waits for a certain replica does not block others.
    this.#again = this.#again.filter((entrant) => !this.#seat(entrant, now))
    for (;;) {
      const next = this.#queue.peek(now)
      if (next === undefined || !this.#seat(next.item, now)) break
      this.#queue.take(now)
      this.#running.set(next.item, now)
    }
    this.#wakeLater(now)
  }

  /** Rejects all waiting requests. */
  refuseAll(error: unknown): void {
    const waiters = [...this.#waiters.values()]
    for (const { entrant, refused } of waiters) {
      this.#forget(entrant)
      refused(error)
    }
  }

  [Symbol.dispose](): void {
    this.#wake?.wait.abort()
    this.#wake = undefined
  }

  #wait(entrant: Entrant, signal: AbortSignal): Promise<Seat> {
    return new Promise((resolve, reject) => {
      const callOff = onAbort(signal, () => {
        this.#forget(entrant)
        reject(signal.reason)
        this.dispatch()
      })
      this.#waiters.set(entrant, {
        entrant,
        seated: (seat) => {
          callOff()
          resolve(seat)
        },
        refused: (error) => {
          callOff()
          reject(error)
        },
      })
      this.dispatch()
    })
  }

  #forget(entrant: Entrant): void {
    this.#waiters.delete(entrant)
    if (!this.#running.has(entrant)) this.#promised.delete(entrant)
    this.#again = this.#again.filter((other) => other !== entrant)
    this.#queue.remove(entrant)
  }

  #seat(entrant: Entrant, now: number): boolean {
    const seat = this.#options.seats.take(entrant, now)
    if (seat === undefined) return false
    const waiter = this.#waiters.get(entrant)
    this.#waiters.delete(entrant)
    waiter?.seated(seat)
    return true
  }

  #dropLate(now: number): void {
    for (const entrant of this.#queue.removeLate(now)) {
      const waiter = this.#waiters.get(entrant)
      this.#waiters.delete(entrant)
      this.#promised.delete(entrant)
      this.#rate.promised(false)
      waiter?.refused(
        upstreamLate(this.#options.id).with({ retryAfterSeconds: this.#retryAfterSeconds(now) }),
      )
    }
  }

  /** Schedules the next deadline, or the time when a replica may be tried again. */
  #wakeLater(now: number): void {
    const moments = [
      this.#queue.nextDue,
      this.#waiters.size > 0 ? this.#options.seats.changesAt(now) : undefined,
      this.#hasPlaces(now) ? undefined : this.#firstHoldEnds(),
    ]
    const at = Math.min(...moments.map((moment) => moment ?? Number.POSITIVE_INFINITY))
    if (at === this.#wake?.at) return
    this.#wake?.wait.abort()
    this.#wake = undefined
    if (at === Number.POSITIVE_INFINITY) return
    const wait = new AbortController()
    this.#wake = { at, wait }
    this.#options.clock.sleep(Math.max(1, at - now), wait.signal).then(
      () => {
        this.#wake = undefined
        this.dispatch()
      },
      () => {},
    )
  }

  /** No replica is healthy: rejects requests held for the maximum time, or all if none will come up. */
  #hold(now: number): void {
    this.#noteDemand(now)
    for (;;) {
      const over = this.#eldest().filter((entrant) => !this.#isHeld(this.#cameAt.get(entrant) ?? now, now))
      if (over.length === 0) return
      for (const entrant of over) {
        const waiter = this.#waiters.get(entrant)
        this.#forget(entrant)
        waiter?.refused(this.unavailable(now - (this.#cameAt.get(entrant) ?? now)))
      }
    }
  }

  /** Requests whose hold may end next: the first in order of arrival, and retries, which arrived earlier. */
  #eldest(): readonly Entrant[] {
    for (const entrant of this.#waiters.keys())
      if (!this.#running.has(entrant)) return [...this.#again, entrant]
    return this.#again
  }

  #noteDemand(now: number): void {
    const { holding } = this.#options
    if (holding.isAsleep()) holding.requested(now)
  }

  #isHeld(cameAt: number, now: number): boolean {
    const { seats, holding } = this.#options
    const endsAt = cameAt + holding.millis
    if (now >= endsAt) return false
    return holding.isAsleep() || (seats.changesAt(now) ?? Number.POSITIVE_INFINITY) < endsAt
  }

  #firstHoldEnds(): number | undefined {
    const { millis } = this.#options.holding
    const ends = this.#eldest().map((entrant) => (this.#cameAt.get(entrant) ?? 0) + millis)
    return ends.length === 0 ? undefined : Math.min(...ends)
  }

  #hasPlaces(now: number): boolean {
    return this.#options.seats.places(now).total > 0
  }

  /** Estimated time until the first byte of a new request. */
  #soonestMillis(backlog: Backlog, now: number): number {
    if (backlog.places === 0)
      return (this.#options.holding.estimate(now)?.likelyMillis ?? 0) + this.#rate.minMillis
    return backlog.ahead >= backlog.free ? this.#rate.firstMillis(backlog) : 0
  }

  /** A human-readable outlook. */
  #outlook(now: number): string {
    const estimate = this.#options.holding.estimate(now)
    if (estimate === undefined) return ''
    if (estimate.isOverdue) return '; it wakes, and takes longer than ever before'
    return `; it is likely to be there in ${formatMillis(estimate.likelyMillis)}`
  }

  /** How long it may wait for a slot. */
  #patience(deadlineMillis: number, { ahead, free }: Backlog): number {
    const left = deadlineMillis - this.#rate.minMillis
    return left <= 0 && ahead < free ? deadlineMillis : Math.max(0, left)
  }

  #freePlaces(now: number): number {
    return Math.max(0, this.#options.seats.places(now).free - this.#again.length)
  }

  #backlog(priority: number, key: string, now: number): Backlog {
    return {
      ahead: this.#queue.ahead(priority, now, key),
      places: this.#options.seats.places(now).total,
      free: this.#freePlaces(now),
      longestRunningMillis: this.#longestRunningMillis(now),
    }
  }

  #retryAfterSeconds(now: number): number {
    const places = Math.max(1, this.#options.seats.places(now).total)
    const { latestMillis } = this.#options.holding.estimate(now) ?? {}
    if (latestMillis !== undefined) return Math.max(1, Math.ceil(latestMillis / 1000))
    return this.#rate.retryAfterSeconds(this.#queue.size, places, this.#longestRunningMillis(now))
  }

  #longestRunningMillis(now: number): number {
    const [longest] = this.#running.values()
    return longest === undefined ? 0 : now - longest
  }
}
