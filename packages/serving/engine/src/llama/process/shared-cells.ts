/**
 * Counts the cells that sequences hold in a common pool, where one cell may belong to several of them and is free when none
 * of them holds it any more. Pure; the library does the same with the cells themselves.
 */

export class SharedCells {
  /** Of each slot, the cell of each of its tokens. */
  readonly #cells: number[][]
  /** How many slots hold a cell. */
  readonly #holders = new Map<number, number>()
  /** How many of those at work do. */
  readonly #workers = new Map<number, number>()
  readonly #working: number
  #sharedAtWork = 0
  #nextCell = 0

  /** The first `working` slots are for sequences at work. */
  constructor(slots: number, working: number = slots) {
    this.#cells = Array.from({ length: slots }, () => [])
    this.#working = working
  }

  get used(): number {
    return this.#holders.size
  }

  /** Of these, held by sequences at work. */
  get atWork(): number {
    return this.#workers.size
  }

  /** Of these, by more than one. */
  get sharedAtWork(): number {
    return this.#sharedAtWork
  }

  /** Tokens computed in a slot take cells that nobody held. */
  append(slot: number, tokens: number): void {
    for (let each = 0; each < tokens; each += 1) {
      this.#hold(slot, this.#nextCell)
      this.#nextCell += 1
    }
  }

  /** `to`, which holds none, gets the first cells of `from`, too. */
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

  /** It lets go of all but its first `tokens`. */
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

/** Returns how many still hold it. */
function release(holders: Map<number, number>, cell: number): number {
  const others = holders.get(cell)! - 1
  if (others === 0) holders.delete(cell)
  else holders.set(cell, others)
  return others
}
