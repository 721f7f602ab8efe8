/**
 * Keys and values kept in host memory: of sequences that were put aside, and of beginnings that left the cells. Bounded: what
 * is least worth goes first, sequences last. Pure; knows nothing of what the bytes say.
 */

export interface SavedState {
  /** Whose beginnings it may serve; '' for a sequence that was put aside, which serves only itself. */
  readonly root: string
  readonly bytes: Uint8Array
  /** Asked for so often that it stays while others go, until one is asked for more often. */
  readonly pinned: boolean
}

/** Of the memory, for those that stay while others go. */
export const pinnedShare = 0.5

export class SavedStates {
  readonly #budget: number
  readonly #states = new Set<SavedState>()
  readonly #worthOf: (state: SavedState) => number
  readonly #onRemove: (state: SavedState) => void
  #used = 0
  #pinned = 0

  /** `worthOf`: what would be lost with it, in anything that can be compared per byte. */
  constructor(budget: number, worthOf: (state: SavedState) => number, onRemove: (state: SavedState) => void) {
    this.#budget = budget
    this.#worthOf = worthOf
    this.#onRemove = onRemove
  }

  get usedBytes(): number {
    return this.#used
  }

  get budgetBytes(): number {
    return this.#budget
  }

  /** How many stay while others go. */
  get pinned(): number {
    let count = 0
    for (const { pinned } of this.#states) if (pinned) count += 1
    return count
  }

  get size(): number {
    return this.#states.size
  }

  /** Whether something of this size would be kept, were it worth so much. */
  hasRoomFor(size: number, worth: number, pinned = false): boolean {
    return this.#victims(size, worth, pinned) !== undefined
  }

  /** False when there is no room: then nothing has changed. */
  add(state: SavedState, worth: number): boolean {
    const size = state.bytes.length
    const victims = this.#victims(size, worth, state.pinned)
    if (victims === undefined) return false
    for (const victim of victims) {
      this.remove(victim)
      this.#onRemove(victim)
    }
    this.#states.add(state)
    this.#used += size
    if (state.pinned) this.#pinned += size
    return true
  }

  /** False when it was gone already. */
  remove(state: SavedState): boolean {
    if (!this.#states.delete(state)) return false
    this.#used -= state.bytes.length
    if (state.pinned) this.#pinned -= state.bytes.length
    return true
  }

  /** Who must go for so many bytes worth so much: the least worth; undefined where that does not help. */
  #victims(size: number, worth: number, pinned: boolean): SavedState[] | undefined {
    const perByte = worth / Math.max(1, size)
    const most = this.#budget * (pinned ? pinnedShare : 1)
    const victims: SavedState[] = []
    let [free, share] = [this.#budget - this.#used, most - (pinned ? this.#pinned : this.#used)]
    if (size > most) return undefined
    // Those that stay while others go make way for one another only.
    for (const those of pinned ? [true, false] : [false]) {
      const isEnough = (): boolean => (those ? share >= size : free >= size)
      if (isEnough()) continue
      for (const { state, worth } of this.#minWorthFirst(those)) {
        if (worth > perByte) return undefined
        victims.push(state)
        free += state.bytes.length
        share += state.bytes.length
        if (isEnough()) break
      }
      if (!isEnough()) return undefined
    }
    return victims
  }

  /** By the byte; but none that was put aside. */
  #minWorthFirst(pinned: boolean): { readonly state: SavedState; readonly worth: number }[] {
    return [...this.#states]
      .filter((state) => state.root !== '' && state.pinned === pinned)
      .map((state) => ({ state, worth: this.#worthOf(state) / Math.max(1, state.bytes.length) }))
      .sort((a, b) => a.worth - b.worth)
  }
}
