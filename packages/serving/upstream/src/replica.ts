/** One server that runs the model: its health, load and results. No I/O. */

import { type Breaker, begin, callOff, closedBreaker, fail, hurry, mayTry, succeed } from './breaker.ts'
import type { ReplicaLoad } from './route/router.ts'
import type { BreakerOptions, ReplicaSnapshot } from './upstream.ts'

/**
 * During ramp-up a replica starts with a share of its slots and doubles it after each step, while others may come up as well.
 */
const firstShare = 1 / 8
const fewestPlaces = 2
const stepMillis = 1000

/** Requests do not wait for a replica that pauses longer. */
const longestRestMillis = 5000

/** Identifies an attempt when it ends. */
export interface AttemptTicket {
  readonly isTrial: boolean
}

export class Replica implements ReplicaLoad {
  readonly url: string
  readonly places: number
  outstanding = 0
  health: 'unknown' | 'up' | 'down' = 'unknown'
  /** Why it is unhealthy, for rejected requests; without its address. */
  complaint: string | undefined
  readonly #breakerOptions: BreakerOptions
  #breaker: Breaker = closedBreaker
  #restsUntil = 0
  /** Start of the ramp-up; undefined: all slots at once. */
  #risesSince: number | undefined
  #failedChecks = 0
  #attempts = 0
  #failures = 0
  /** Callbacks of attempts without a byte yet, called when it becomes unhealthy. */
  readonly #deserters = new Set<() => void>()

  /** `risesSince`: the current time, to ramp up gradually. */
  constructor(url: string, places: number, breaker: BreakerOptions, risesSince?: number) {
    this.#risesSince = risesSince
    this.url = url
    this.places = places
    this.#breakerOptions = breaker
  }

  /** Whether it can get requests, now or after its pause. */
  isWell(now: number): boolean {
    const restsLong = this.#restsUntil - now > longestRestMillis
    return this.health !== 'down' && !restsLong && mayTry(this.#breaker, now)
  }

  isResting(now: number): boolean {
    return now < this.#restsUntil
  }

  /** When its capacity may next increase; undefined if time alone changes nothing. */
  changesAt(now: number): number | undefined {
    const opensAt = this.#breaker.kind === 'open' ? this.#breaker.until : 0
    const moments = [this.#restsUntil - longestRestMillis, this.#restsUntil, opensAt, this.#risesAt(now)]
    const later = moments.filter((at) => at > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** Its current number of slots. */
  placesAt(now: number): number {
    if (this.#risesSince === undefined) return this.places
    const first = Math.max(fewestPlaces, Math.ceil(this.places * firstShare))
    return Math.min(this.places, first * 2 ** this.#stepAt(now))
  }

  begin(): AttemptTicket {
    const isTrial = this.#breaker.kind === 'open'
    this.#breaker = begin(this.#breaker)
    this.#attempts += 1
    this.outstanding += 1
    return { isTrial }
  }

  /** The first byte arrived: enough for a trial. Whether the response completes is still open. */
  answered({ isTrial }: AttemptTicket): void {
    if (isTrial) this.succeeded()
  }

  /** It completed the response, or rejected the request. */
  succeeded(): void {
    this.#breaker = succeed()
    this.complaint = undefined
  }

  failed({ isTrial }: AttemptTicket, why: string, now: number): void {
    this.#failures += 1
    this.complaint = why
    this.#breaker = fail(this.#breaker, isTrial, now, this.#breakerOptions)
  }

  calledOff({ isTrial }: AttemptTicket, now: number): void {
    this.#breaker = callOff(this.#breaker, isTrial, now)
  }

  /** Pauses it, as it requested. */
  rest(until: number, why: string): void {
    this.complaint = why
    this.#restsUntil = Math.max(this.#restsUntil, until)
  }

  /** An attempt has ended. */
  released(): void {
    this.outstanding -= 1
  }

  /** Applies a health check result; returns whether the health changed. */
  checked(why: string | undefined, failuresAllowed: number, now: number): boolean {
    const before = this.health
    if (why === undefined) {
      this.#failedChecks = 0
      this.health = 'up'
      if (before === 'down') this.#breaker = hurry(this.#breaker, now)
      if (before === 'down' && this.#risesSince !== undefined) this.#risesSince = now
      return before !== 'up'
    }
    this.#failedChecks += 1
    // A replica that was never healthy gets no grace.
    if (before !== 'unknown' && this.#failedChecks < failuresAllowed) return false
    this.health = 'down'
    this.complaint = why
    if (before === 'down') return false
    for (const leave of [...this.#deserters]) leave()
    return true
  }

  /** `leave` is called when it becomes unhealthy. Returns a function that unsubscribes. */
  onDown(leave: () => void): () => void {
    this.#deserters.add(leave)
    return () => void this.#deserters.delete(leave)
  }

  #stepAt(now: number): number {
    return Math.max(0, Math.floor((now - (this.#risesSince ?? now)) / stepMillis))
  }

  /** When the ramp-up next increases its slots. */
  #risesAt(now: number): number {
    if (this.#risesSince === undefined || this.placesAt(now) === this.places) return 0
    return this.#risesSince + (this.#stepAt(now) + 1) * stepMillis
  }

  snapshot(): ReplicaSnapshot {
    const { url, health, outstanding } = this
    return {
      url,
      health,
      breaker: this.#breaker.kind,
      outstanding,
      attempts: this.#attempts,
      failures: this.#failures,
    }
  }
}
