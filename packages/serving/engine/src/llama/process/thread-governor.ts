/**
 * Chooses the number of threads for the next step. ggml's threads spin while they wait for each other, several hundred times
 * per step: if another program takes one of their cores, all of them stall until it is free, and a step of half a millisecond
 * can take seconds. So the engine uses at most as many threads as there are cores without other load. Pure; CPU times are an
 * argument (read by `processor-times.ts`).
 */

/** In milliseconds since a fixed moment. */
export interface ProcessorTimes {
  readonly at: number
  /** Busy time of all cores, excluding low-priority programs, which yield. */
  readonly busy: number
  /** CPU time of this process. */
  readonly own: number
}

/** A core counts as taken from three quarters of its time on: the server and its clients always use a little. */
const spareShare = 0.25
/** Shorter intervals are too noisy. */
const shortestSpanMillis = 250

export class ThreadGovernor {
  readonly #most: number
  readonly #cores: number
  #since: ProcessorTimes
  #threads: number

  /** Take `first` as early as possible: the first decision compares with it. */
  constructor(most: number, cores: number, first: ProcessorTimes) {
    this.#most = most
    this.#cores = cores
    this.#since = first
    this.#threads = most
  }

  get threads(): number {
    return this.#threads
  }

  /** Whether new CPU times are worth reading. */
  isDue(now: number): boolean {
    return this.#most > 1 && now - this.#since.at >= shortestSpanMillis
  }

  /** Decides from the load since the last decision. */
  decide(times: ProcessorTimes): void {
    const span = times.at - this.#since.at
    const others = (times.busy - this.#since.busy - (times.own - this.#since.own)) / span
    this.#since = times
    this.#threads = Math.min(
      this.#most,
      Math.max(1, Math.ceil(this.#cores - Math.max(0, others) - spareShare)),
    )
  }
}
