/** Accounts for KV cache cells: each sequence's own, and those of shared prefixes, which stay until their cells are needed. */

/** Cell counts can be fractional, where steps yield a fractional number of tokens on average. */
const rounding = 1e-3

interface Prefix {
  readonly tokens: number
  users: number
  /** Whether the prefix has been computed. */
  isReady: boolean
}

export class CellLedger {
  readonly capacity: number
  /** Least recently used first. */
  readonly #prefixes = new Map<string, Prefix>()
  #own = 0
  #inPrefixes = 0
  /** Cells of unused prefixes. */
  #idle = 0

  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** Cells held by running sequences. */
  get used(): number {
    return this.#own + this.#inPrefixes - this.#idle
  }

  /** Cells that can be allocated. */
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

  /** For a cached prefix. */
  prefixTokens(id: string): number {
    return this.#prefixes.get(id)!.tokens
  }

  /** Additional cells in use if one more sequence uses it. */
  prefixCost(id: string, tokens: number): number {
    const prefix = this.#prefixes.get(id)
    if (prefix === undefined) return tokens
    return prefix.users > 0 ? 0 : prefix.tokens
  }

  /** One more sequence uses it; the first one computes it, until `ready`. */
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

  /** A partially computed prefix is useless to others. */
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
