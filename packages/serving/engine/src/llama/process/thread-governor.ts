/**
 * How many threads compute the next step. ggml's threads wait for each other by spinning, several hundred times a step: when
 * another program takes one of their cores, all of them stand still until it comes back, and a step of half a millisecond can
 * take seconds. So the engine uses no more threads than there are cores that nobody else keeps busy. Pure; the figures are
 * an argument (`processor-times.ts` reads them).
 */

/** Since any fixed moment, in milliseconds. */
export interface ProcessorTimes {
  readonly at: number
  /** Of all cores together, without programs of low priority: those make way. */
  readonly busy: number
  /** Of this process. */
  readonly own: number
}

/** A core counts as taken from three quarters of its time on: the server and its clients always use a little. */
const spareShare = 0.25
/** Shorter spans say little. */
const shortestSpanMillis = 250

export class ThreadGovernor {
  readonly #most: number
  readonly #cores: number
  #since: ProcessorTimes
  #threads: number

  /** `first` as early as possible: the first decision looks back to it. */
  constructor(most: number, cores: number, first: ProcessorTimes) {
    this.#most = most
    this.#cores = cores
    this.#since = first
    this.#threads = most
  }

  get threads(): number {
    return this.#threads
  }

  /** Whether figures from now would be worth reading. */
  isDue(now: number): boolean {
    return this.#most > 1 && now - this.#since.at >= shortestSpanMillis
  }

  /** Decides from what happened since the last decision. */
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
