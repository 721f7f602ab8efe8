/**
 * Who holds how many cells of the KV cache: sequences their own, and beginnings that several share, which stay while nobody
 * needs their cells. Knows nothing of what is in them.
 */

/** Cells may be counted in parts, where steps give a part of a token on average. */
const rounding = 1e-3

interface Prefix {
  readonly tokens: number
  users: number
  /** Whoever computes it is done. */
  isReady: boolean
}

export class CellLedger {
  readonly capacity: number
  /** The one least recently used first. */
  readonly #prefixes = new Map<string, Prefix>()
  #own = 0
  #inPrefixes = 0
  /** Of prefixes that nobody uses. */
  #idle = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Held by those at work. */
  get used(): number {
    return this.#own + this.#inPrefixes - this.#idle
  }

  /** That can be had. */
  get free(): number {
    return this.capacity - this.used
  }

  take(cells: number): void {
    this.#own += cells
    while (this.#own + this.#inPrefixes > this.capacity && this.#evictOne());
    if (this.#own + this.#inPrefixes > this.capacity + rounding)
      throw new RangeError('more cells than there are')
  }

  give(cells: number): void {
    this.#own -= cells
  }

  prefix(id: string): 'absent' | 'computing' | 'ready' {
    const prefix = this.#prefixes.get(id)
    if (prefix === undefined) return 'absent'
    return prefix.isReady ? 'ready' : 'computing'
  }

  /** Of one that is there. */
  prefixTokens(id: string): number {
    return this.#prefixes.get(id)!.tokens
  }

  /** Cells that come to be in use when one more uses it. */
  prefixCost(id: string, tokens: number): number {
    const prefix = this.#prefixes.get(id)
    if (prefix === undefined) return tokens
    return prefix.users > 0 ? 0 : prefix.tokens
  }

  /** One more uses it; the first computes it, until `ready`. */
  use(id: string, tokens: number): void {
    const prefix = this.#prefixes.get(id) ?? { tokens, users: 0, isReady: false }
    if (this.#prefixes.delete(id)) {
      if (prefix.users === 0) this.#idle -= prefix.tokens
    } else this.#inPrefixes += tokens
    prefix.users += 1
    this.#prefixes.set(id, prefix)
    this.take(0)
  }

  ready(id: string): void {
    this.#prefixes.get(id)!.isReady = true
  }

  /** What was not computed to its end is of no use to others. */
  leave(id: string): void {
    const prefix = this.#prefixes.get(id)!
    prefix.users -= 1
    if (prefix.users > 0) return
    if (prefix.isReady) this.#idle += prefix.tokens
    else {
      this.#prefixes.delete(id)
      this.#inPrefixes -= prefix.tokens
    }
  }

  #evictOne(): boolean {
    for (const [id, prefix] of this.#prefixes) {
      if (prefix.users > 0) continue
      this.#prefixes.delete(id)
      this.#inPrefixes -= prefix.tokens
      this.#idle -= prefix.tokens
      return true
    }
    return false
  }
}
