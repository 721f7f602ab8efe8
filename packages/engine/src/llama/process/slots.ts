/**
 * Places for sequences in the context, and what each still holds from the sequence before: a prompt that begins like it
 * need not be computed again. Pure; knows nothing of the library.
 */

interface Slot {
  /** Tokens whose keys and values are in its cells. */
  tokens: number[]
  /** How many of them, from the beginning, may serve another prompt. */
  reusable: number
  busy: boolean
}

export class Slots {
  readonly #slots: readonly Slot[]

  constructor(count: number) {
    this.#slots = Array.from({ length: count }, () => ({ tokens: [], reusable: 0, busy: false }))
  }

  /**
   * A free slot for `prompt`, and how many tokens at its beginning the slot holds already: the slot that holds most, if
   * that is half of the prompt; otherwise the lowest, because llama.cpp computes sequences together only when their
   * numbers follow one another. The caller drops what it cannot keep, and says so with `truncate`.
   */
  take(prompt: readonly number[]): { slot: number; shared: number } {
    const free = [...this.#slots.keys()].filter((slot) => !this.#slots[slot]!.busy)
    if (free.length === 0) throw new RangeError('no slot is free')
    const offers = free.map((slot) => ({ slot, shared: this.#shared(slot, prompt) }))
    const most = offers.reduce((best, offer) => (offer.shared > best.shared ? offer : best))
    const taken = most.shared >= prompt.length / 2 ? most : offers[0]!
    this.#slots[taken.slot]!.busy = true
    return taken
  }

  truncate(slot: number, length: number): void {
    this.#slots[slot]!.tokens.length = length
    this.#slots[slot]!.reusable = Math.min(this.#slots[slot]!.reusable, length)
  }

  /** These tokens were computed in the slot. Once some are not `reusable`, none after them is. */
  append(slot: number, tokens: readonly number[], reusable: boolean): void {
    const held = this.#slots[slot]!
    if (reusable && held.reusable === held.tokens.length) held.reusable += tokens.length
    held.tokens.push(...tokens)
  }

  release(slot: number): void {
    this.#slots[slot]!.busy = false
  }

  /** How many tokens the slot holds; that is also the position of the next one. */
  length(slot: number): number {
    return this.#slots[slot]!.tokens.length
  }

  /** Tokens held by sequences that run. */
  get busyTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? slot.tokens.length : 0), 0)
  }

  #shared(slot: number, prompt: readonly number[]): number {
    const { tokens, reusable } = this.#slots[slot]!
    return Math.min(sharedLength(tokens, prompt), reusable)
  }
}

function sharedLength(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length)
  let length = 0
  while (length < most && a[length] === b[length]) length += 1
  return length
}
