/**
 * How much each key was served, for its weight: whoever was served least is next. The virtual token counter of Sheng et al.,
 * "Fairness in Serving Large Language Models" (https://arxiv.org/abs/2401.00588): while two keys have work waiting, what they
 * were served differs, for their weights, by no more than twice the most that is served at once. Knows nothing of time.
 */

/** A key's share among others that want to be served; 1 is the usual. */
export type WeightOf = (key: string) => number

/** Idle keys that are remembered at least. */
const remembered = 1000

export class FairShares {
  readonly #weightOf: WeightOf
  /** What each key was served, divided by its weight. */
  readonly #served = new Map<string, number>()
  /** How many of each key's wait or are being served. */
  readonly #active = new Map<string, number>()
  /** The least that any active key was served; never falls. */
  #floor = 0

  constructor(weightOf: WeightOf = () => 1) {
    this.#weightOf = weightOf
  }

  /** Comparable between keys: the least is next. */
  of(key: string): number {
    return this.#served.get(key) ?? this.#floor
  }

  /** One of this key came. A key that was idle does not get back what it did not use. */
  join(key: string): void {
    const active = this.#active.get(key) ?? 0
    this.#active.set(key, active + 1)
    if (active > 0) return
    this.#served.set(key, Math.max(this.of(key), this.#floor))
    // Beside others it is not the least.
    if (this.#active.size === 1) this.#raiseFloor()
  }

  /** One that had joined wants nothing more. What its key was served is remembered a while. */
  leave(key: string): void {
    const active = this.#active.get(key) ?? 0
    if (active > 1) this.#active.set(key, active - 1)
    else this.#active.delete(key)
    this.#raiseFloor()
    if (this.#served.size > this.#active.size + remembered) this.#forget()
  }

  /** It was served so many tokens; negative where it turned out to be less than was thought. */
  serve(key: string, tokens: number): void {
    const before = this.of(key)
    this.#served.set(key, before + tokens / this.#weightOf(key))
    // The least is another's, then.
    if (tokens < 0 || before <= this.#floor) this.#raiseFloor()
  }

  #raiseFloor(): void {
    let least = Number.POSITIVE_INFINITY
    for (const key of this.#active.keys()) {
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
