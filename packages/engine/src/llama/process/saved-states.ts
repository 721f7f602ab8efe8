/**
 * Keys and values kept in host memory: of sequences that were put aside, and of beginnings that left the cells. Bounded: what
 * is least worth goes first, sequences last. Pure; knows nothing of what the bytes say.
 */

export interface SavedState {
  /** Whose beginnings it may serve; '' for a sequence that was put aside, which serves only itself. */
  readonly root: string
  readonly bytes: Uint8Array
  /** Asked for so often that it stays while others go. */
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

  get size(): number {
    return this.#states.size
  }

  /** Whether something of this size would be kept, were it worth so much. */
  hasRoomFor(size: number, worth: number, pinned = false): boolean {
    if (size > this.#budget || (pinned && this.#pinned + size > this.#budget * pinnedShare)) return false
    return this.#victims(size, worth / Math.max(1, size)) !== undefined
  }

  /** False when there is no room: then nothing has changed. */
  add(state: SavedState, worth: number): boolean {
    const size = state.bytes.length
    if (!this.hasRoomFor(size, worth, state.pinned)) return false
    for (const victim of this.#victims(size, worth / Math.max(1, size)) ?? []) {
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

  /** Who must go for so many bytes worth so much each: the least worth; undefined where that does not help. */
  #victims(size: number, worthPerByte: number): SavedState[] | undefined {
    const victims: SavedState[] = []
    let free = this.#budget - this.#used
    if (free >= size) return victims
    const loose = [...this.#states]
      .filter(({ root, pinned }) => root !== '' && !pinned)
      .map((state) => ({ state, worth: this.#worthOf(state) / Math.max(1, state.bytes.length) }))
      .sort((a, b) => a.worth - b.worth)
    for (const { state, worth } of loose) {
      if (worth > worthPerByte) return undefined
      victims.push(state)
      free += state.bytes.length
      if (free >= size) return victims
    }
    return undefined
  }
}
