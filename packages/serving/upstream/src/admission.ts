/**
 * The line in front of the replicas: whoever finds a place goes at once, so many more wait, the most urgent first, clients by
 * turns (`FairQueue`). Whose attempt failed goes before all of them. Turns away who could not have a place or a first byte in
 * time, and says when to come back. Where no replica is well it turns everybody away, or holds them for as long as it is told.
 * Knows nothing of HTTP.
 */

import { type Clock, formatMillis, type HadalError, onAbort } from '@hadal/base'
import { type Backlog, FairQueue, ServiceRate, type WeightOf } from '@hadal/batching'
import { upstreamBusy, upstreamLate, upstreamUnavailable } from './errors.ts'
import type { RelayScheduling } from './upstream.ts'
import type { WakeEstimate } from './wake/estimate-wake.ts'

export interface Seats<Entrant, Seat> {
  /** Takes a place for it; undefined where there is none now. */
  take(entrant: Entrant, now: number): Seat | undefined
  /** Of those replicas that are well. */
  places(now: number): { readonly total: number; readonly free: number }
  /** When time alone may free a place. */
  changesAt(now: number): number | undefined
  /** Why there are no places at all. */
  complaint(): string
}

/** What becomes of those who come while no replica is well. */
export interface Holding {
  /** For how long one may wait in all; 0: nobody is held. */
  readonly millis: number
  /** Whether somebody may be held because no replica is there or answers: one may come at any time. */
  isAsleep(): boolean
  /** Somebody waits while it sleeps. */
  asked(now: number): void
  /** When a replica will be well. */
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
  /** Those whose attempt failed, in order. */
  #again: readonly Entrant[] = []
  /** When each came. */
  readonly #cameAt = new WeakMap<Entrant, number>()
  /** Since when each has been admitted. */
  readonly #running = new Map<Entrant, number>()
  /** By when the first byte of those that have a deadline must come. */
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

  /** Those who wait while no replica is well. */
  get held(): number {
    return this.#hasPlaces(this.#options.clock.now()) ? 0 : this.#waiters.size
  }

  /** What one that came now would be refused with. */
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

  /** Nobody is well. `waitedMillis`: so long one was held in vain. */
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

  /** Whether one that came then is held, when no replica is well. */
  holds(entrant: Entrant): boolean {
    const now = this.#options.clock.now()
    return this.#isHeld(this.#cameAt.get(entrant) ?? now, now)
  }

  /** Resolves with a place. Throws what it is refused with, or the signal's reason. */
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
      // Whoever has a place later has no first byte in time.
      ...(deadlineMillis !== undefined && { dueAt: now + this.#patience(deadlineMillis, backlog) }),
    }
    if (deadlineMillis !== undefined) this.#promised.set(entrant, now + deadlineMillis)
    this.#queue.offer(entrant, place, now, backlog.free)
    return this.#wait(entrant, signal)
  }

  /** Another place for one that is admitted. */
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

  /** It is over. `tokens`: what it cost more than was thought. `isServed`: it had all it wanted. */
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

  /** A place may be free, or all of them gone. */
  dispatch(): void {
    const now = this.#options.clock.now()
    this.#dropLate(now)
    if (this.#waiters.size > 0 && !this.#hasPlaces(now)) this.#hold(now)
    // One who waits for a certain replica keeps nobody from the others.
    this.#again = this.#again.filter((entrant) => !this.#seat(entrant, now))
    for (;;) {
      const next = this.#queue.peek(now)
      if (next === undefined || !this.#seat(next.item, now)) break
      this.#queue.take(now)
      this.#running.set(next.item, now)
    }
    this.#wakeLater(now)
  }

  /** Everybody who waits. */
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

  /** When somebody's wait is in vain, or a replica may be asked again. */
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

  /** No replica is well: those go who have waited as long as they may, and all of them where none will come. */
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

  /** Whose hold may be the next to end: the first of those who stand in the order they came, and those who came before and failed. */
  #eldest(): readonly Entrant[] {
    for (const entrant of this.#waiters.keys())
      if (!this.#running.has(entrant)) return [...this.#again, entrant]
    return this.#again
  }

  #noteDemand(now: number): void {
    const { holding } = this.#options
    if (holding.isAsleep()) holding.asked(now)
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

  /** Until the first byte of one that came now. */
  #soonestMillis(backlog: Backlog, now: number): number {
    if (backlog.places === 0)
      return (this.#options.holding.estimate(now)?.likelyMillis ?? 0) + this.#rate.minMillis
    return backlog.ahead >= backlog.free ? this.#rate.firstMillis(backlog) : 0
  }

  /** For people. */
  #outlook(now: number): string {
    const estimate = this.#options.holding.estimate(now)
    if (estimate === undefined) return ''
    if (estimate.isOverdue) return '; it wakes, and takes longer than ever before'
    return `; it is likely to be there in ${formatMillis(estimate.likelyMillis)}`
  }

  /** How long it may wait for a place. */
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
