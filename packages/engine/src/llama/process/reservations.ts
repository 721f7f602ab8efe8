/** Common cells that sequences at work may come to need: nobody else gets those. Pure. */

/** Cells that stay free beside what sequences reserved, for each of them: they go on a while before one must be put aside. */
const headroom = 16
/** New tokens that a sequence reserves cells for when it begins, where others can be put aside. */
const reservedTokens = 64

export class Reservations {
  readonly #preemption: boolean
  /** Tokens that the sequence in a slot may hold without asking again. */
  readonly #reserved = new Map<number, number>()

  /** `preemption`: sequences can be put aside when cells run short; else each reserves all that it may need. */
  constructor(preemption: boolean) {
    this.#preemption = preemption
  }

  /** Cells that a sequence of `prompt` tokens reserves to which `more` may be added. */
  neededFor(prompt: number, more: number): number {
    return prompt + (this.#preemption ? Math.min(more, reservedTokens) : more)
  }

  begin(slot: number, prompt: number, more: number): void {
    this.#reserved.set(slot, this.neededFor(prompt, more))
  }

  end(slot: number): void {
    this.#reserved.delete(slot)
  }

  /** Cells to leave to those at work, of which `lengthOf` tells how many they have. */
  promised(lengthOf: (slot: number) => number): number {
    let promised = this.#preemption ? headroom * this.#reserved.size : 0
    for (const [slot, reserved] of this.#reserved) promised += Math.max(0, reserved - lengthOf(slot))
    return promised
  }
}
