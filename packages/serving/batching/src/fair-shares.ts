/**
 * Tracks how much each key was served, divided by its weight; the least-served key is next. This is the virtual token counter
 * of Sheng et al., "Fairness in Serving Large Language Models" (https://arxiv.org/abs/2401.00588): while two keys are
 * backlogged, their weighted service differs by at most twice the maximum that is served at once. A key that becomes active
 * starts at the minimum of the waiting keys. It must not be the minimum of the keys in service: one key that never has to wait
 * would keep that low, and a newcomer would be served alone until it caught up.
 */

/** A key's weight relative to the others; 1 is the default. */
export type WeightOf = (key: string) => number

/** Minimum number of idle keys to remember. */
const remembered = 1000

/**
 * Service per key, divided by its weight: the virtual token counter.
 *
 * @example
 * ```ts
 * import { FairShares } from '@hadal/batching'
 *
 * const shares = new FairShares((key) => (key === 'paid' ? 2 : 1)) // weights
 * shares.join('paid')
 * shares.join('free')
 * shares.serve('paid', 100) // tokens
 * shares.serve('free', 100)
 * shares.of('paid') < shares.of('free') // → true
 * ```
 */
export class FairShares {
  readonly #weightOf: WeightOf
  /** Service per key, divided by its weight. */
  readonly #served = new Map<string, number>()
  /** Requests per key that are queued or in service. */
  readonly #active = new Map<string, number>()
  /** Requests per key that are queued. */
  readonly #waiting = new Map<string, number>()
  /** The minimum service of the waiting keys; never decreases. */
  #floor = 0

  constructor(weightOf: WeightOf = () => 1) {
    this.#weightOf = weightOf
  }

  /** Comparable between keys: the lowest is next. For an idle key, the value it would start with. */
  of(key: string): number {
    const served = this.#servedTo(key)
    return this.#waiting.has(key) ? served : Math.max(served, this.#floor)
  }

  /** A request of this key is queued. A key that had none is not credited for unused capacity. */
  join(key: string): void {
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1)
    const waiting = this.#waiting.get(key) ?? 0
    if (waiting === 0) this.#served.set(key, this.of(key))
    this.#waiting.set(key, waiting + 1)
    // If others wait, it does not define the minimum.
    if (this.#waiting.size === 1) this.#raiseFloor()
  }

  /** A queued request enters service or leaves the queue. */
  start(key: string): void {
    const waiting = this.#waiting.get(key) ?? 0
    if (waiting > 1) this.#waiting.set(key, waiting - 1)
    else {
      this.#waiting.delete(key)
      this.#raiseFloor()
    }
  }

  /** A started request has ended. The service of its key is remembered for a while. */
  leave(key: string): void {
    const active = this.#active.get(key) ?? 0
    if (active > 1) this.#active.set(key, active - 1)
    else this.#active.delete(key)
    if (this.#served.size > this.#active.size + remembered) this.#forget()
  }

  /** Charges tokens to the key; negative if the actual cost was below the estimate. */
  serve(key: string, tokens: number): void {
    const before = this.#servedTo(key)
    this.#served.set(key, before + tokens / this.#weightOf(key))
    // In this case another key defines the minimum.
    if (tokens < 0 || before <= this.#floor) this.#raiseFloor()
  }

  /** Raises the service of a waiting key to at least this value. */
  lift(key: string, least: number): void {
    const before = this.#servedTo(key)
    if (before >= least) return
    this.#served.set(key, least)
    if (before <= this.#floor) this.#raiseFloor()
  }

  #servedTo(key: string): number {
    return this.#served.get(key) ?? this.#floor
  }

  #raiseFloor(): void {
    let least = Number.POSITIVE_INFINITY
    for (const key of this.#waiting.keys()) {
      least = Math.min(least, this.#served.get(key)!)
      // Among thousands, a key that holds the minimum is usually found early.
      if (least <= this.#floor) return
    }
    if (least !== Number.POSITIVE_INFINITY) this.#floor = Math.max(this.#floor, least)
  }

  /** Forgets the keys that would start at the minimum anyway, then the oldest ones. */
  #forget(): void {
    for (const [key, served] of this.#served)
      if (!this.#active.has(key) && served <= this.#floor) this.#served.delete(key)
    for (const key of this.#served.keys()) {
      if (this.#served.size <= this.#active.size + remembered) return
      if (!this.#active.has(key)) this.#served.delete(key)
    }
  }
}
