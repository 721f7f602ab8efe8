/** Response latencies of the last minutes. */

import { quantile } from '@hadal/base'

interface Answered {
  readonly at: number
  readonly millis: number
}

export const latencyWindowMillis = 300_000
/** More in a window are a sample of the newest. */
const most = 20_000

export class RecentLatencies {
  #answered: Answered[] = []

  add(at: number, millis: number): void {
    this.#answered.push({ at, millis })
    if (this.#answered.length > 2 * most) this.#answered = this.#answered.slice(-most)
  }

  /** NaN without answers. */
  p99(now: number): number {
    this.#answered = this.#answered.filter(({ at }) => now - at <= latencyWindowMillis).slice(-most)
    return quantile(
      this.#answered.map(({ millis }) => millis),
      0.99,
    )
  }
}
