/**
 * How long requests take here, measured, and what that means for one who is turned away. Knows nothing of what the
 * requests are.
 */

/** Weight of the newest measurement: about the last ten requests count. */
const newestWeight = 0.2
const longestWaitSeconds = 600

export class ServiceRate {
  #meanMillis: number | undefined

  /** One request took this long from admission to its end. */
  record(millis: number): void {
    this.#meanMillis =
      this.#meanMillis === undefined ? millis : this.#meanMillis + newestWeight * (millis - this.#meanMillis)
  }

  /**
   * Whole seconds until a request that came now would be admitted: everyone before it, `places` at a time, each taking
   * the mean measured service time. `longestRunningMillis` stands in for it before anything has finished, and corrects it
   * when today's requests are longer than the mean. Between 1 and 600.
   */
  retryAfterSeconds(waiting: number, places: number, longestRunningMillis = 0): number {
    const serviceMillis = Math.max(this.#meanMillis ?? 0, longestRunningMillis)
    const seconds = Math.ceil(((waiting + 1) / places) * (serviceMillis / 1000))
    return Math.min(longestWaitSeconds, Math.max(1, seconds))
  }
}
