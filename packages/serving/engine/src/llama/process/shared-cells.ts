/**
 * Reference counts of the cells in a shared pool, where a cell can belong to several sequences. Pure; mirrors what the library
 * does with the cells themselves.
 */

export class SharedCells {
  /** By slot, the cell of each of its tokens. */
  readonly #cells: number[][]
  /** Number of slots that hold a cell. */
  readonly #holders = new Map<number, number>()
  /** Number of running sequences among these. */
  readonly #workers = new Map<number, number>()
  readonly #working: number
  #sharedAtWork = 0
  #nextCell = 0

  /** The first `working` slots are for running sequences. */
  constructor(slots: number, working: number = slots) {
    this.#cells = Array.from({ length: slots }, () => [])
    this.#working = working
  }

  get used(): number {
    return this.#holders.size
  }

  /** Cells held by running sequences. */
  get atWork(): number {
    return this.#workers.size
  }

  /** Cells held by more than one running sequence. */
  get sharedAtWork(): number {
    return this.#sharedAtWork
  }

  /** Tokens computed in a slot take free cells. */
  append(slot: number, tokens: number): void {
    for (let each = 0; each < tokens; each += 1) {
      this.#hold(slot, this.#nextCell)
      this.#nextCell += 1
    }
  }

  /** `to`, which must be empty, shares the first cells of `from`. */
  copy(from: number, to: number, tokens: number): void {
    for (const cell of this.#cells[from]!.slice(0, tokens)) this.#hold(to, cell)
  }

  clear(slot: number): void {
    for (const cell of this.#cells[slot]!) {
      release(this.#holders, cell)
      if (slot < this.#working && release(this.#workers, cell) === 1) this.#sharedAtWork -= 1
    }
    this.#cells[slot] = []
  }

  /** Releases all but the first `tokens`. */
  trim(slot: number, tokens: number): void {
    const kept = this.#cells[slot]!.slice(0, tokens)
    this.#cells[slot] = this.#cells[slot]!.slice(tokens)
    this.clear(slot)
    this.#cells[slot] = kept
  }

  #hold(slot: number, cell: number): void {
    this.#cells[slot]!.push(cell)
    this.#holders.set(cell, (this.#holders.get(cell) ?? 0) + 1)
    if (slot >= this.#working) return
    const workers = (this.#workers.get(cell) ?? 0) + 1
    this.#workers.set(cell, workers)
    if (workers === 2) this.#sharedAtWork += 1
  }
}

/** Returns the number of remaining holders. */
function release(holders: Map<number, number>, cell: number): number {
  const others = holders.get(cell)! - 1
  if (others === 0) holders.delete(cell)
  else holders.set(cell, others)
  return others
}
