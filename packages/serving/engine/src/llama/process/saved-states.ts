/**
 * Keys and values in host memory: of preempted sequences and of evicted prefixes. Bounded: the least valuable is evicted first,
 * sequences last. Pure.
 */

export interface SavedState {
  /** The root whose prompts it may serve; '' for a preempted sequence, which serves only itself. */
  readonly root: string
  readonly bytes: Uint8Array
  /** Used so often that it is kept until another one is used more often. */
  readonly pinned: boolean
}

/** Share of the memory for pinned states. */
export const pinnedShare = 0.5

export class SavedStates {
  readonly #budget: number
  readonly #states = new Set<SavedState>()
  readonly #worthOf: (state: SavedState) => number
  readonly #onRemove: (state: SavedState) => void
  #used = 0
  #pinned = 0

  /** `worthOf`: the value lost with a state, comparable per byte. */
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

  /** Number of pinned states. */
  get pinned(): number {
    let count = 0
    for (const { pinned } of this.#states) if (pinned) count += 1
    return count
  }

  get size(): number {
    return this.#states.size
  }

  /** Whether a state of this size and value would be kept. */
  hasRoomFor(size: number, worth: number, pinned = false): boolean {
    return this.#victims(size, worth, pinned) !== undefined
  }

  /** False, without a change, if there is no space. */
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

  /** False if it was already gone. */
  remove(state: SavedState): boolean {
    if (!this.#states.delete(state)) return false
    this.#used -= state.bytes.length
    if (state.pinned) this.#pinned -= state.bytes.length
    return true
  }

  /** The least valuable states to evict for this many bytes; undefined if that is not worthwhile. */
  #victims(size: number, worth: number, pinned: boolean): SavedState[] | undefined {
    const perByte = worth / Math.max(1, size)
    const most = this.#budget * (pinned ? pinnedShare : 1)
    const victims: SavedState[] = []
    let [free, share] = [this.#budget - this.#used, most - (pinned ? this.#pinned : this.#used)]
    if (size > most) return undefined
    // Pinned states are evicted only for other pinned ones.
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

  /** Value per byte; never preempted sequences. */
  #minWorthFirst(pinned: boolean): { readonly state: SavedState; readonly worth: number }[] {
    return [...this.#states]
      .filter((state) => state.root !== '' && state.pinned === pinned)
      .map((state) => ({ state, worth: this.#worthOf(state) / Math.max(1, state.bytes.length) }))
      .sort((a, b) => a.worth - b.worth)
  }
}
