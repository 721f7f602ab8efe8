/**
 * Counts the cells that sequences hold in a common pool, where one cell may belong to several of them and is free when none
 * of them holds it any more. Pure; the library does the same with the cells themselves.
 */

export class SharedCells {
  /** Of each slot, the cell of each of its tokens. */
  readonly #cells: number[][]
  /** How many slots hold a cell. */
  readonly #holders = new Map<number, number>()
  #nextCell = 0

  constructor(slots: number) {
    this.#cells = Array.from({ length: slots }, () => [])
  }

  get used(): number {
    return this.#holders.size
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
      const others = this.#holders.get(cell)! - 1
      if (others === 0) this.#holders.delete(cell)
      else this.#holders.set(cell, others)
    }
    this.#cells[slot] = []
  }

  #hold(slot: number, cell: number): void {
    this.#cells[slot]!.push(cell)
    this.#holders.set(cell, (this.#holders.get(cell) ?? 0) + 1)
  }
}
