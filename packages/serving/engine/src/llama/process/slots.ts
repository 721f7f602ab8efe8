/**
 * Sequence slots in the context and what each holds. A prompt that shares a prefix with another sequence, running or ended, or
 * with a state in host memory, reuses it instead of computing it. Pure.
 */

import { type HotOptions, type HotPrefix, PrefixTree } from '@hadal/batching'
import type { CachePrefix } from '../../cache-view.ts'
import type { SavedState } from './saved-states.ts'

/** A prompt that needs a slot. */
export interface Wanted {
  readonly prompt: readonly number[]
  /** Only sequences of one group are computed together: those with the same adapters. */
  readonly group: string
  /** Within a group, cells are shared only with prompts of the same owner. */
  readonly owner: string
  /** Whether cells of other sequences may be reused. */
  readonly reuse: boolean
}

/** A holder of keys and values: a slot, by its number, or host memory. */
export type Holder = number | SavedState

export interface Placement {
  readonly slot: number
  /** The holder of the first `cached` tokens: this slot, another one to copy from, or host memory. */
  readonly from: Holder
  /** Prefix tokens that need not be computed. */
  readonly cached: number
}

interface Slot {
  /** Tokens in its cells; those that may serve other requests are in the tree. */
  length: number
  group: string
  /** The root whose prompts it may serve. */
  root: string
  busy: boolean
}

export interface SlotOptions {
  /** Maximum number of running sequences. */
  readonly working: number
  /** Additional slots for cached prefixes; none if each slot keeps its own. */
  readonly keepers?: number
  /** Cost of copying from another slot, in prompt tokens; infinite if copying is impossible. */
  readonly copyCost: number
  /** The same for host memory. */
  readonly restoreCost?: number
  /** Tokens at the end of a prompt that are always computed; at least 1, which gives its logits. */
  readonly alwaysComputed: number
}

export class Slots {
  readonly #options: SlotOptions
  readonly #slots: readonly Slot[]
  /** Held prefixes that other requests may reuse. */
  readonly #held = new PrefixTree<Holder>()
  /** Prompts of running sequences: what they will hold soon. */
  readonly #promised = new PrefixTree<number>()

  constructor(options: SlotOptions) {
    this.#options = options
    const { working, keepers = 0 } = options
    const empty = (): Slot => ({ length: 0, group: '', root: '', busy: false })
    this.#slots = Array.from({ length: working + keepers }, empty)
  }

  /**
   * The cheapest slot in terms of tokens to compute, to copy and to lose. Undefined if waiting is cheaper, because a running
   * sequence is computing the same prefix; call again after each step. So the wait is at most that sequence's prompt.
   */
  place(wanted: Wanted, now: number): Placement | undefined {
    const { copyCost } = this.#options
    const shared = this.#shared(wanted, this.#held)
    const sources = [sourceAmong(shared, isSlot), sourceAmong(shared, isSaved)]
    let best: { placement: Placement; cost: number } | undefined
    for (const slot of this.#candidates(wanted, shared))
      for (const from of new Set([slot, ...sources])) {
        if (from === undefined) continue
        const cached = shared.get(from) ?? 0
        const lost = this.#held.loss(slot, from === slot ? cached : 0, now)
        const cost = wanted.prompt.length - cached + this.#moving(slot, from) + lost
        if (best === undefined || cost < best.cost) best = { placement: { slot, from, cached }, cost }
      }
    if (best === undefined) throw new RangeError('no slot is free')
    const { placement } = best
    return this.#promisedOf(wanted) - placement.cached > copyCost ? undefined : placement
  }

  /** Whether a running sequence is computing so much of its prefix that it would wait for it even with a free slot. */
  isPromised(wanted: Wanted): boolean {
    const held = Math.max(0, ...this.#shared(wanted, this.#held).values())
    return this.#promisedOf(wanted) - held > this.#options.copyCost
  }

  /** Starts a sequence in `slot`, which holds exactly the first `cached` tokens of its prompt. */
  take({ prompt, group, owner }: Wanted, slot: number, cached: number): void {
    const root = rootOf(group, owner)
    Object.assign(this.#slots[slot]!, { length: cached, group, root, busy: true })
    this.#held.set(slot, root, prompt.slice(0, cached))
    this.#promised.set(slot, root, prompt)
  }

  /** These tokens were computed in the slot. After some that are not `reusable`, none is. */
  append(slot: number, tokens: readonly number[], reusable: boolean): void {
    const held = this.#slots[slot]!
    if (reusable && this.#held.length(slot) === held.length) {
      if (held.length === 0) this.#held.set(slot, held.root, tokens)
      else this.#held.extend(slot, tokens)
    }
    held.length += tokens.length
    if (held.length >= this.#promised.length(slot)) this.#promised.remove(slot)
  }

  /** Its sequence ended. What may serve other requests stays or is dropped. */
  release(slot: number, stays: boolean, now: number): void {
    const held = this.#slots[slot]!
    held.busy = false
    this.#promised.remove(slot)
    this.#held.touch(slot, now)
    if (!stays) this.clear(slot)
  }

  /** Empties the slot. */
  clear(slot: number): void {
    this.#slots[slot]!.length = 0
    this.#held.remove(slot)
  }

  /** Keeps at most the first `length` tokens. */
  cut(slot: number, length: number): void {
    this.#held.truncate(slot, length)
    this.#slots[slot]!.length = Math.min(this.#slots[slot]!.length, length)
  }

  /** Drops what cannot serve other requests. Returns the number of remaining tokens. */
  trim(slot: number): number {
    const reusable = this.#held.length(slot)
    this.#slots[slot]!.length = reusable
    return reusable
  }

  /** A cache slot for what `slot` leaves: an empty one, or the least valuable; undefined if that is worth more. */
  keeperFor(slot: number, now: number): number | undefined {
    const keeper = this.minWorth(now, () => true)
    if (keeper === undefined) return undefined
    return this.#held.loss(keeper, 0, now) <= this.#held.loss(slot, 0, now) ? keeper : undefined
  }

  /** The cache slot with the lowest value per token. */
  minWorth(now: number, isMeant: (keeper: number) => boolean): number | undefined {
    let least: { readonly keeper: number; readonly worth: number } | undefined
    for (let keeper = this.#options.working; keeper < this.#slots.length; keeper += 1) {
      if (!isMeant(keeper)) continue
      const alone = this.#held.alone(keeper)
      const worth = this.length(keeper) === 0 ? -1 : this.#held.loss(keeper, 0, now) / Math.max(1, alone)
      if (least === undefined || worth < least.worth) least = { keeper, worth }
    }
    return least?.keeper
  }

  /** Moves the reusable content of `slot` to a cache slot. */
  move(slot: number, keeper: number): void {
    const { group, root } = this.#slots[slot]!
    const tokens = this.#held.tokens(slot)
    this.#held.set(keeper, root, tokens)
    Object.assign(this.#slots[keeper]!, { length: tokens.length, group, root, busy: false })
    this.clear(slot)
  }

  /** Tokens held only by this holder, weighted by their likelihood of reuse: what would have to be recomputed. */
  loss(holder: Holder, kept: number, now: number): number {
    return this.#held.loss(holder, kept, now)
  }

  /** Tokens weighted by their likelihood of reuse, including those held by others. */
  demand(holder: Holder, now: number): number {
    return this.#held.demand(holder, now)
  }

  /** Its reusable tokens. */
  tokens(holder: Holder): readonly number[] {
    return this.#held.tokens(holder)
  }

  rootOf(slot: number): string {
    return this.#slots[slot]!.root
  }

  /** Adds a state in host memory. */
  addSaved(state: SavedState, tokens: readonly number[]): void {
    this.#held.set(state, state.root, tokens)
  }

  /** Counts a use at `now`. Also called for prefixes restored from disk, so that they stay hot. */
  touch(holder: Holder, now: number): void {
    this.#held.touch(holder, now)
  }

  removeSaved(state: SavedState): void {
    this.#held.remove(state)
  }

  /** The hot prefix of a slot, and its exact holder, if any. */
  hotPrefix(slot: number, options: HotOptions, now: number): HotPrefix<Holder> | undefined {
    return this.#held.hotPrefix(slot, options, now)
  }

  /** Number of tokens in the slot; also the position of the next one. */
  length(slot: number): number {
    return this.#slots[slot]!.length
  }

  /** Tokens held by running sequences. */
  get busyTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? slot.length : 0), 0)
  }

  /** Reusable tokens of ended sequences. */
  get idleTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? 0 : slot.length), 0)
  }

  /** Length of the prefix shared with other running sequences, and their slots. */
  sharedAtWork(slot: number): { readonly length: number; readonly slots: readonly number[] } | undefined {
    const shared = this.#held.sharedBy(slot, (other) => isSlot(other) && this.#slots[other]!.busy)
    return shared && { length: shared.length, slots: shared.holders.filter(isSlot) }
  }

  /** The cached prefixes, hottest first; `text` describes the first tokens of a node. */
  prefixes(
    most: number,
    now: number,
    text?: (tokens: readonly number[]) => string,
  ): { readonly nodes: readonly CachePrefix[]; readonly leftOut: number } {
    const { nodes, all } = this.#held.nodes(most, now)
    const common = rootOf('', '')
    return {
      leftOut: all - nodes.length,
      nodes: nodes.map(({ id, parent, root, tokens, depth, holders, heat, usedAt }) => {
        const slots = [...holders].filter(isSlot)
        const readers = slots.filter((slot) => this.#slots[slot]!.busy).length
        return {
          id,
          ...(parent !== undefined && { parent }),
          tokens: tokens.length,
          depth,
          readers,
          kept: slots.length - readers,
          saved: holders.size - slots.length,
          heat,
          ...(usedAt !== undefined && { idleMillis: Math.max(0, now - usedAt) }),
          isCommon: root === common,
          ...(text !== undefined && { text: text(tokens) }),
        }
      }),
    }
  }

  /**
   * Free slots next to running ones of the same group, because llama.cpp computes sequences together only if their numbers are
   * consecutive; free slots far from others, which leaves space for both; and all that hold half of the prompt.
   */
  #candidates({ prompt, group }: Wanted, shared: ReadonlyMap<Holder, number>): number[] {
    const numbers = Array.from({ length: this.#options.working }, (_, slot) => slot)
    const free = numbers.filter((slot) => !this.#slots[slot]!.busy)
    const busy = numbers.filter((slot) => this.#slots[slot]!.busy)
    const own = busy.filter((slot) => this.#slots[slot]!.group === group)
    const distance = (slot: number): number =>
      own.length > 0 ? distanceTo(own, slot) : -distanceTo(busy, slot)
    const best = Math.min(...free.map(distance))
    return free.filter((slot) => distance(slot) === best || (shared.get(slot) ?? 0) >= prompt.length / 2)
  }

  #promisedOf(wanted: Wanted): number {
    return Math.max(0, ...this.#shared(wanted, this.#promised).values())
  }

  #moving(slot: number, from: Holder): number {
    if (from === slot) return 0
    const { copyCost, restoreCost = copyCost } = this.#options
    return isSlot(from) ? copyCost : restoreCost
  }

  /** How much of a prompt each holder has; its last tokens are always computed. */
  #shared<Of extends Holder>({ prompt, group, owner, reuse }: Wanted, tree: PrefixTree<Of>): Map<Of, number> {
    if (!reuse) return new Map()
    const most = prompt.length - this.#options.alwaysComputed
    const matches = tree.match(rootOf(group, owner), prompt)
    return new Map(
      matches.map(({ holder, length }) => [holder, Math.max(0, Math.min(length, most))] as const),
    )
  }
}

export const rootOf = (group: string, owner: string): string => JSON.stringify([group, owner])

const isSlot = (holder: Holder): holder is number => typeof holder === 'number'
const isSaved = (holder: Holder): boolean => !isSlot(holder)

/** The matching holder with the longest shared prefix; on a tie, the first slot. */
function sourceAmong(
  shared: ReadonlyMap<Holder, number>,
  isMeant: (holder: Holder) => boolean,
): Holder | undefined {
  let [source, most]: [Holder | undefined, number] = [undefined, 0]
  for (const [holder, length] of shared) {
    if (!isMeant(holder) || length < most || length === 0) continue
    if (length === most && source !== undefined && !(source > holder)) continue
    source = holder
    most = length
  }
  return source
}

const distanceTo = (others: readonly number[], slot: number): number =>
  Math.min(...others.map((other) => Math.abs(slot - other)))
