/**
 * How long requests take here, measured, and what that means for one who waits or is turned away. Knows nothing of what the
 * requests are.
 */

/** Weight of the newest measurement: about the last ten requests count. */
const newestWeight = 0.2
const longestWaitSeconds = 600
/** A guess of a time allows for so many times its usual deviation, as TCP's retransmission timer does (RFC 6298). */
const deviations = 4

/** A promise that was not kept makes the next so much more cautious, one that was a little less: so about one in a hundred is not. */
const [moreCautious, lessCautious, maxCautious] = [1.2, 0.998, 16]

/** A moving mean, and how far from it is usual. */
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

/** Who is before one that comes now. */
export interface Backlog {
  /** Wait for a place, and go first. */
  readonly ahead: number
  /** Places in all, and those that it may have at once. */
  readonly places: number
  readonly free: number
  /** Milliseconds that the longest has been at work: stands in for what is not measured yet. */
  readonly longestRunningMillis: number
}

/**
 * What requests take here, measured, and so how long one that comes now would wait.
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

  /** One request took this long from its place to its end. */
  record(millis: number): void {
    this.#service.record(millis)
  }

  /** One request took this long from its place to its first result. */
  recordFirst(millis: number): void {
    this.#first.record(millis)
  }

  /** Whether a first result came as soon as it was promised. Places become free in bursts, and times have tails that no mean knows. */
  promised(wasKept: boolean): void {
    const caution = this.#caution * (wasKept ? lessCautious : moreCautious)
    this.#caution = Math.min(maxCautious, Math.max(1, caution))
  }

  /** Milliseconds until one that came now would have a place: places become free one after another, evenly. */
  waitMillis({ ahead, places, free, longestRunningMillis }: Backlog): number {
    return (Math.max(0, ahead + 1 - free) / places) * (this.#service.mean ?? longestRunningMillis)
  }

  /** Milliseconds until its first result, at worst as times usually go; the more, the more promises were not kept of late. */
  firstMillis(backlog: Backlog): number {
    return this.waitMillis(backlog) * this.#caution + this.minMillis
  }

  /** Milliseconds from a place to the first result, at worst as times usually go; 0 before anything was measured. */
  get minMillis(): number {
    return (this.#first.mean ?? 0) + (this.#first.mean === undefined ? 0 : deviations * this.#first.deviation)
  }

  /**
   * Whole seconds until a request that came now would be admitted: everyone before it, `places` at a time, each taking
   * the mean measured service time. `longestRunningMillis` stands in for it before anything has finished, and corrects it
   * when today's requests are longer than the mean. Between 1 and 600.
   */
  retryAfterSeconds(waiting: number, places: number, longestRunningMillis = 0): number {
    const service = Math.max(this.#service.mean ?? 0, longestRunningMillis)
    const seconds = Math.ceil(((waiting + 1) / places) * (service / 1000))
    return Math.min(longestWaitSeconds, Math.max(1, seconds))
  }
}
