/**
 * Embedding passes and generation steps share one thread: after a pass, generation gets as much time as the pass took before
 * the next one starts. Pure; times are passed in as durations.
 *
 * @example
 * ```ts
 * import { PassShare } from '@hadal/batching'
 *
 * const share = new PassShare()
 * share.passed(20) // milliseconds of a pass over texts to embed
 * share.stepped(20) // milliseconds of a step of generation, which evens it out
 * share.mayPass() // → true
 * ```
 */

export class PassShare {
  /** Milliseconds by which passes are ahead of steps. */
  #owed = 0
  #steppedThisTurn = false
  #generating = false

  /** Whether sequences were generating at the last `mayPass`. */
  get generating(): boolean {
    return this.#generating
  }

  stepped(millis: number): void {
    this.#steppedThisTurn = true
    this.#owed = Math.max(0, this.#owed - millis)
  }

  passed(millis: number): void {
    if (this.#generating) this.#owed += millis
  }

  /** Call once per turn of the event loop, in which active generation makes a step; a turn without a step adds no debt. */
  mayPass(): boolean {
    this.#generating = this.#steppedThisTurn
    this.#steppedThisTurn = false
    if (!this.#generating) this.#owed = 0
    return this.#owed === 0
  }
}
