/** Measures how long requests take, and estimates the wait of a new request and the Retry-After of a rejected one. */

/** Weight of the newest measurement: about the last ten requests count. */
const newestWeight = 0.2
const longestWaitSeconds = 600
/** An estimate allows for this many mean deviations, like TCP's retransmission timer (RFC 6298). */
const deviations = 4

/**
 * A missed promise makes the estimate more cautious by the first factor, a kept one less by the second: about one in a hundred
 * is missed.
 */
const [moreCautious, lessCautious, maxCautious] = [1.2, 0.998, 16]

/** A moving mean and mean deviation. */
class Moving {
  mean: number | undefined
  deviation = 0

  record(value: number): void {
    if (this.mean === undefined) {
      this.mean = value
      this.deviation = value / 2
      return
    }
    this.deviation += newestWeight * (Math.abs(value - this.mean) - this.deviation)
    this.mean += newestWeight * (value - this.mean)
  }
}

/** The queue that a new request finds. */
export interface Backlog {
  /** Requests that wait and would be served first. */
  readonly ahead: number
  /** Slots in total, and those that it may take immediately. */
  readonly places: number
  readonly free: number
  /** Milliseconds that the longest-running request has been running: substitutes for missing measurements. */
  readonly longestRunningMillis: number
}

/**
 * Measured service times, and the resulting wait of a new request.
 *
 * @example
 * ```ts
 * import { ServiceRate } from '@hadal/batching'
 *
 * const rate = new ServiceRate()
 * rate.record(1_000) // milliseconds of a request, from its place to its end
 * rate.waitMillis({ ahead: 3, places: 1, free: 0, longestRunningMillis: 0 }) // → 4000
 * ```
 */
export class ServiceRate {
  readonly #service = new Moving()
  readonly #first = new Moving()
  #caution = 1

  /** Records a request's time from getting its slot to its end. */
  record(millis: number): void {
    this.#service.record(millis)
  }

  /** Records a request's time from getting its slot to its first result. */
  recordFirst(millis: number): void {
    this.#first.record(millis)
  }

  /**
   * Records whether a first result met its deadline. Needed because slots become free in bursts and latencies have tails that a
   * mean does not show.
   */
  promised(wasKept: boolean): void {
    const caution = this.#caution * (wasKept ? lessCautious : moreCautious)
    this.#caution = Math.min(maxCautious, Math.max(1, caution))
  }

  /** Estimated milliseconds until a new request gets a slot, assuming slots become free evenly. */
  waitMillis({ ahead, places, free, longestRunningMillis }: Backlog): number {
    return (Math.max(0, ahead + 1 - free) / places) * (this.#service.mean ?? longestRunningMillis)
  }

  /** Pessimistic estimate of the milliseconds until its first result; more pessimistic if deadlines were missed recently. */
  firstMillis(backlog: Backlog): number {
    return this.waitMillis(backlog) * this.#caution + this.minMillis
  }

  /** Pessimistic estimate of the milliseconds from a slot to the first result; 0 before any measurement. */
  get minMillis(): number {
    return (this.#first.mean ?? 0) + (this.#first.mean === undefined ? 0 : deviations * this.#first.deviation)
  }

  /**
   * Whole seconds until a new request would be admitted: all requests ahead of it, `places` at a time, at the mean service
   * time. `longestRunningMillis` substitutes for the mean before any request has finished, and raises it when current requests
   * take longer. Between 1 and 600.
   */
  retryAfterSeconds(waiting: number, places: number, longestRunningMillis = 0): number {
    const service = Math.max(this.#service.mean ?? 0, longestRunningMillis)
    const seconds = Math.ceil(((waiting + 1) / places) * (service / 1000))
    return Math.min(longestWaitSeconds, Math.max(1, seconds))
  }
}
