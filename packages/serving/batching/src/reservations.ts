/** KV cache cells reserved for what running sequences may still generate. Pure. */

/** Cells kept free beyond each sequence's reservation, so that it can continue for a while before a preemption is needed. */
const headroomPerSequence = 16
/** New tokens that a sequence reserves cells for on admission or resumption if preemption is possible. */
const reservedNewTokens = 64

/** @internal */
export class Reservations<Id> {
  readonly #preemption: boolean
  /** Tokens that each sequence may hold without a further check. */
  readonly #reserved = new Map<Id, number>()

  /** `preemption`: sequences can be preempted when cells run short; otherwise each reserves its maximum. */
  constructor(preemption: boolean) {
    this.#preemption = preemption
  }

  /** Cells to reserve for a sequence of `tokens` that grows by at most `newTokens`. */
  cellsFor(tokens: number, newTokens: number): number {
    return tokens + (this.#preemption ? Math.min(newTokens, reservedNewTokens) : newTokens)
  }

  begin(id: Id, tokens: number, newTokens: number): void {
    this.#reserved.set(id, this.cellsFor(tokens, newTokens))
  }

  end(id: Id): void {
    this.#reserved.delete(id)
  }

  /** Cells to keep for the running sequences; `lengthOf` returns how many each holds now. */
  outstanding(lengthOf: (id: Id) => number): number {
    let cells = this.#preemption ? headroomPerSequence * this.#reserved.size : 0
    for (const [id, reserved] of this.#reserved) cells += Math.max(0, reserved - lengthOf(id))
    return cells
  }
}
