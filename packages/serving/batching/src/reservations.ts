/** KV cache cells reserved for what running sequences may still generate. Pure. */

/** Cells kept free beyond each sequence's reservation: it goes on for a while before one must be preempted. */
const headroomPerSequence = 16
/** New tokens a sequence reserves cells for when it begins or resumes, where sequences can be preempted. */
const reservedNewTokens = 64

/** @internal */
export class Reservations<Id> {
  readonly #preemption: boolean
  /** Tokens that each sequence may hold without asking again. */
  readonly #reserved = new Map<Id, number>()

  /** `preemption`: sequences can be preempted when cells run short; otherwise each reserves all that it may need. */
  constructor(preemption: boolean) {
    this.#preemption = preemption
  }

  /** Cells that a sequence of `tokens` reserves, to which at most `newTokens` are added. */
  cellsFor(tokens: number, newTokens: number): number {
    return tokens + (this.#preemption ? Math.min(newTokens, reservedNewTokens) : newTokens)
  }

  begin(id: Id, tokens: number, newTokens: number): void {
    this.#reserved.set(id, this.cellsFor(tokens, newTokens))
  }

  end(id: Id): void {
    this.#reserved.delete(id)
  }

  /** Cells to leave to the running sequences; `lengthOf` says how many each holds now. */
  outstanding(lengthOf: (id: Id) => number): number {
    let cells = this.#preemption ? headroomPerSequence * this.#reserved.size : 0
    for (const [id, reserved] of this.#reserved) cells += Math.max(0, reserved - lengthOf(id))
    return cells
  }
}
