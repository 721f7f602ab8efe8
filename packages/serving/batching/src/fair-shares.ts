/**
 * How much each key was served, for its weight: whoever was served least is next. The virtual token counter of Sheng et al.,
 * "Fairness in Serving Large Language Models" (https://arxiv.org/abs/2401.00588): while two keys have work waiting, what they
 * were served differs, for their weights, by no more than twice the most that is served at once. Whoever comes anew begins where
 * the least of those is who wait: were it the least of those who are served, one that never has to wait would hold it back, and a
 * newcomer be served alone until it caught up with the others. Knows nothing of time.
 */

/** A key's share among others that want to be served; 1 is the usual. */
export type WeightOf = (key: string) => number

/** Idle keys that are remembered at least. */
const remembered = 1000

/**
 * What each key was served, for its weight: the virtual token counter.
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
  /** What each key was served, divided by its weight. */
  readonly #served = new Map<string, number>()
  /** How many of each key's wait or are being served. */
  readonly #active = new Map<string, number>()
  /** How many of each key wait. */
  readonly #waiting = new Map<string, number>()
  /** The least that any key was served that waits; never falls. */
  #floor = 0

  constructor(weightOf: WeightOf = () => 1) {
    this.#weightOf = weightOf
  }

  /** Comparable between keys: the least is next. Of one that does not wait: where it would begin. */
  of(key: string): number {
    const served = this.#servedTo(key)
    return this.#waiting.has(key) ? served : Math.max(served, this.#floor)
  }

  /** One of this key came, and waits. A key of which none did does not get back what it did not use. */
  join(key: string): void {
    this.#active.set(key, (this.#active.get(key) ?? 0) + 1)
    const waiting = this.#waiting.get(key) ?? 0
    if (waiting === 0) this.#served.set(key, this.of(key))
    this.#waiting.set(key, waiting + 1)
    // Beside others it is not the least.
    if (this.#waiting.size === 1) this.#raiseFloor()
  }

  /** One that had joined waits no longer: it is being served, or leaves. */
  start(key: string): void {
    const waiting = this.#waiting.get(key) ?? 0
    if (waiting > 1) this.#waiting.set(key, waiting - 1)
    else {
      this.#waiting.delete(key)
      this.#raiseFloor()
    }
  }

  /** One that had started wants nothing more. What its key was served is remembered a while. */
  leave(key: string): void {
    const active = this.#active.get(key) ?? 0
    if (active > 1) this.#active.set(key, active - 1)
    else this.#active.delete(key)
    if (this.#served.size > this.#active.size + remembered) this.#forget()
  }

  /** It was served so many tokens; negative where it turned out to be less than was thought. */
  serve(key: string, tokens: number): void {
    const before = this.#servedTo(key)
    this.#served.set(key, before + tokens / this.#weightOf(key))
    // The least is another's, then.
    if (tokens < 0 || before <= this.#floor) this.#raiseFloor()
  }

  /** One that waits counts as served so much at least. */
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
      // Among thousands, one is soon found for whom it stays.
      if (least <= this.#floor) return
    }
    if (least !== Number.POSITIVE_INFINITY) this.#floor = Math.max(this.#floor, least)
  }

  /** Those that would begin at the floor anyway; then the longest known. */
  #forget(): void {
    for (const [key, served] of this.#served)
      if (!this.#active.has(key) && served <= this.#floor) this.#served.delete(key)
    for (const key of this.#served.keys()) {
      if (this.#served.size <= this.#active.size + remembered) return
      if (!this.#active.has(key)) this.#served.delete(key)
    }
  }
}
