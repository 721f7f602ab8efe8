/** One server that runs the model: whether it is well, what it has to do, and what became of what it was asked. No I/O. */

import { type Breaker, begin, callOff, closedBreaker, fail, hurry, mayTry, succeed } from './breaker.ts'
import type { ReplicaLoad } from './route/router.ts'
import type { BreakerOptions, ReplicaSnapshot } from './upstream.ts'

/** One that has just come up takes a part of its places, and twice as many after each step: others may come up as well. */
const firstShare = 1 / 8
const fewestPlaces = 2
const stepMillis = 1000

/** Who rests longer is not waited for. */
const longestRestMillis = 5000

/** Of an attempt, for its end. */
export interface AttemptTicket {
  readonly isTrial: boolean
}

export class Replica implements ReplicaLoad {
  readonly url: string
  readonly places: number
  outstanding = 0
  health: 'unknown' | 'up' | 'down' = 'unknown'
  /** Why it is not well, for those who are turned away because of it; without its address. */
  complaint: string | undefined
  readonly #breakerOptions: BreakerOptions
  #breaker: Breaker = closedBreaker
  #restsUntil = 0
  /** Since when it takes more and more; undefined: it takes all at once. */
  #risesSince: number | undefined
  #failedChecks = 0
  #attempts = 0
  #failures = 0
  /** Called when it is found not to be well, by those whose attempts have no byte yet. */
  readonly #deserters = new Set<() => void>()

  /** `risesSince`: now, where it is to take more and more only. */
  constructor(url: string, places: number, breaker: BreakerOptions, risesSince?: number) {
    this.#risesSince = risesSince
    this.url = url
    this.places = places
    this.#breakerOptions = breaker
  }

  /** Whether it can be asked something, now or when it has rested. */
  isWell(now: number): boolean {
    const restsLong = this.#restsUntil - now > longestRestMillis
    return this.health !== 'down' && !restsLong && mayTry(this.#breaker, now)
  }

  isResting(now: number): boolean {
    return now < this.#restsUntil
  }

  /** When more may be possible than now; undefined where time alone changes nothing. */
  changesAt(now: number): number | undefined {
    const opensAt = this.#breaker.kind === 'open' ? this.#breaker.until : 0
    const moments = [this.#restsUntil - longestRestMillis, this.#restsUntil, opensAt, this.#risesAt(now)]
    const later = moments.filter((at) => at > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** How many it may have now. */
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

  /** The first byte is there: enough for a trial. Whether it can answer to the end is still to be seen. */
  answered({ isTrial }: AttemptTicket): void {
    if (isTrial) this.succeeded()
  }

  /** It answered to the end, or refused. */
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

  /** It wants to be left alone. */
  rest(until: number, why: string): void {
    this.complaint = why
    this.#restsUntil = Math.max(this.#restsUntil, until)
  }

  /** An attempt of it has ended. */
  released(): void {
    this.outstanding -= 1
  }

  /** What a health check found; true when that changes anything. */
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
    // Whoever never was well is not waited for.
    if (before !== 'unknown' && this.#failedChecks < failuresAllowed) return false
    this.health = 'down'
    this.complaint = why
    if (before === 'down') return false
    for (const leave of [...this.#deserters]) leave()
    return true
  }

  /** `leave` is called when it is found not to be well. Returns what calls that off. */
  onDown(leave: () => void): () => void {
    this.#deserters.add(leave)
    return () => void this.#deserters.delete(leave)
  }

  #stepAt(now: number): number {
    return Math.max(0, Math.floor((now - (this.#risesSince ?? now)) / stepMillis))
  }

  /** When it may have more. */
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
