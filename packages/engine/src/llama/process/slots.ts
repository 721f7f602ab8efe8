/**
 * Places for sequences in the context, and what each holds: a prompt that begins like one of another sequence, at work or
 * ended, gets that one's cells and need not be computed there. Pure; knows nothing of the library.
 */

/** A prompt that needs a place. */
export interface Wanted {
  readonly prompt: readonly number[]
  /** Only sequences of one group are computed together: those with the same adapters. */
  readonly group: string
  /** Within a group, cells are shared only with prompts of the same owner. */
  readonly owner: string
  /** Whether cells of others may serve it. */
  readonly reuse: boolean
}

export interface Placement {
  readonly slot: number
  /** The slot that holds the first `cached` tokens: this one, or one to copy them from. */
  readonly from: number
  /** Tokens at the beginning that need not be computed. */
  readonly cached: number
}

interface Slot {
  /** Tokens whose keys and values are in its cells. */
  tokens: number[]
  /** How many of them, from the beginning, may serve another prompt. */
  reusable: number
  group: string
  owner: string
  /** Of the sequence at work in it: what it will hold before long. */
  prompt: readonly number[]
  busy: boolean
}

/** What a slot holds from before may be asked for again, or never. */
const chanceOfUse = 0.5

export class Slots {
  readonly #slots: readonly Slot[]
  readonly #copyCost: number
  readonly #alwaysComputed: number

  /**
   * `copyCost`: a copy takes as long as computing so many tokens of a prompt; infinite where there is no copying.
   * `alwaysComputed`: so many tokens at the end of a prompt are computed whatever there is; 1 at least, which gives its logits.
   */
  constructor(count: number, copyCost: number, alwaysComputed: number) {
    this.#slots = Array.from({ length: count }, () => ({
      tokens: [],
      reusable: 0,
      group: '',
      owner: '',
      prompt: [],
      busy: false,
    }))
    this.#copyCost = copyCost
    this.#alwaysComputed = alwaysComputed
  }

  /**
   * The cheapest place, in tokens to compute, to copy and to lose. Undefined: it is cheaper to wait, because a sequence at
   * work is computing the same beginning; ask again after each step. So nobody waits longer than that sequence's prompt.
   */
  place(wanted: Wanted): Placement | undefined {
    const shared = this.#slots.map((slot) => this.#shared(wanted, slot))
    const source = shared.indexOf(Math.max(...shared))
    let best: { placement: Placement; cost: number } | undefined
    for (const slot of this.#candidates(wanted, shared))
      for (const from of slot === source ? [slot] : [slot, source]) {
        const cost = this.#cost(wanted, slot, from, shared[from]!)
        if (best === undefined || cost < best.cost)
          best = { placement: { slot, from, cached: shared[from]! }, cost }
      }
    if (best === undefined) throw new RangeError('no slot is free')
    const { placement } = best
    const promised = Math.max(...this.#slots.map((slot, at) => this.#promised(wanted, slot, shared[at]!)))
    return promised - placement.cached > this.#copyCost ? undefined : placement
  }

  /** A sequence begins in `slot`, which holds the first `cached` tokens of its prompt and nothing else. */
  take({ prompt, group, owner }: Wanted, slot: number, cached: number): void {
    Object.assign(this.#slots[slot]!, {
      tokens: prompt.slice(0, cached),
      reusable: cached,
      group,
      owner,
      prompt,
      busy: true,
    })
  }

  /** These tokens were computed in the slot. Once some are not `reusable`, none after them is. */
  append(slot: number, tokens: readonly number[], reusable: boolean): void {
    const held = this.#slots[slot]!
    if (reusable && held.reusable === held.tokens.length) held.reusable += tokens.length
    held.tokens.push(...tokens)
  }

  /** Its sequence ended. What it holds stays, or is gone. */
  release(slot: number, stays: boolean): void {
    const held = this.#slots[slot]!
    Object.assign(held, { busy: false, prompt: [] })
    if (!stays) Object.assign(held, { tokens: [], reusable: 0 })
  }

  /** How many tokens the slot holds; that is also the position of the next one. */
  length(slot: number): number {
    return this.#slots[slot]!.tokens.length
  }

  /** Tokens held by sequences that run. */
  get busyTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? slot.tokens.length : 0), 0)
  }

  /**
   * Free slots next to those at work with which the sequence will be computed, because llama.cpp computes sequences together
   * only when their numbers follow one another; far from others, which leaves room to both; and any that hold half of the
   * prompt.
   */
  #candidates({ prompt, group }: Wanted, shared: readonly number[]): number[] {
    const numbers = [...this.#slots.keys()]
    const free = numbers.filter((slot) => !this.#slots[slot]!.busy)
    const busy = numbers.filter((slot) => this.#slots[slot]!.busy)
    const own = busy.filter((slot) => this.#slots[slot]!.group === group)
    const distance = (slot: number): number =>
      own.length > 0 ? distanceTo(own, slot) : -distanceTo(busy, slot)
    const best = Math.min(...free.map(distance))
    return free.filter((slot) => distance(slot) === best || shared[slot]! >= prompt.length / 2)
  }

  #cost({ prompt }: Wanted, slot: number, from: number, cached: number): number {
    const stays = from === slot ? cached : 0
    const lost = Math.max(0, this.#slots[slot]!.reusable - stays)
    return prompt.length - cached + (from === slot ? 0 : this.#copyCost) + lost * chanceOfUse
  }

  #shared(wanted: Wanted, slot: Slot): number {
    return Math.min(this.#common(wanted, slot, slot.tokens), slot.reusable)
  }

  /** What it will hold, if that is more than it holds. */
  #promised(wanted: Wanted, slot: Slot, shared: number): number {
    const promised = this.#common(wanted, slot, slot.prompt)
    return promised > shared ? promised : 0
  }

  #common(wanted: Wanted, { group, owner }: Slot, tokens: readonly number[]): number {
    if (!wanted.reuse || wanted.group !== group || wanted.owner !== owner) return 0
    const most = Math.min(wanted.prompt.length - this.#alwaysComputed, tokens.length)
    let length = 0
    while (length < most && wanted.prompt[length] === tokens[length]) length += 1
    return length
  }
}

const distanceTo = (others: readonly number[], slot: number): number =>
  Math.min(...others.map((other) => Math.abs(slot - other)))
