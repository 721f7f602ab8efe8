/** Time as an argument: everything that waits or measures takes a `Clock`, so that tests can control it. */

export interface Clock {
  /** Monotonic milliseconds with a fraction; no epoch. */
  now(): number
  /** Milliseconds since 1970. */
  wallClock(): number
  /** Resolves after `millis`, or rejects with the signal's reason. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>
}

/**
 * The clock of this machine: `now` is monotonic, `wallClock` is the time of day.
 *
 * @example
 * ```ts
 * import { systemClock } from '@hadal/base'
 *
 * const start = systemClock.now()
 * await systemClock.sleep(5) // milliseconds
 * systemClock.now() - start >= 4 // → true
 * ```
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  sleep: (millis, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, millis)
      signal?.addEventListener('abort', stop, { once: true })
    }),
}

/**
 * A clock that moves only when `advance` is called.
 *
 * @example
 * ```ts
 * import { ManualClock } from '@hadal/base'
 *
 * const clock = new ManualClock()
 * const slept = clock.sleep(1_000) // nothing waits for real
 * clock.advance(1_000)
 * await slept
 * clock.now() // → 1000
 * ```
 */
export class ManualClock implements Clock {
  #now: number
  #sleepers: { at: number; resolve: () => void }[] = []

  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  wallClock(): number {
    return this.#now
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }
      const sleeper = { at: this.#now + millis, resolve: wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  advance(millis: number): void {
    this.#now += millis
    const due = this.#sleepers.filter((sleeper) => sleeper.at <= this.#now)
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.at > this.#now)
    for (const sleeper of due.sort((a, b) => a.at - b.at)) sleeper.resolve()
  }
}
