/**
 * Places for sequences in the context, and what each holds: a prompt that begins like one of another sequence, at work or
 * ended, or like one whose keys and values are kept in host memory, gets that one's and need not be computed there. Pure; knows
 * nothing of the library.
 */

import { type HotOptions, type HotPrefix, PrefixTree } from '@hadal/batching'
import type { CachePrefix } from '../../cache-view.ts'
import type { SavedState } from './saved-states.ts'

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

/** Who holds keys and values: a slot, by its number, or host memory. */
export type Holder = number | SavedState

export interface Placement {
  readonly slot: number
  /** Who holds the first `cached` tokens: this slot, one to copy them from, or host memory. */
  readonly from: Holder
  /** Tokens at the beginning that need not be computed. */
  readonly cached: number
}

interface Slot {
  /** Tokens whose keys and values are in its cells; those that may serve others stand in the tree. */
  length: number
  group: string
  /** Whose beginnings it may serve. */
  root: string
  busy: boolean
}

export interface SlotOptions {
  /** Sequences at the same time. */
  readonly working: number
  /** Places beside them for what sequences leave behind; none where each slot keeps its own. */
  readonly keepers?: number
  /** Getting the cells of another one takes as long as computing so many tokens of a prompt; infinite where there is no copying. */
  readonly copyCost: number
  /** The same of getting them from host memory. */
  readonly restoreCost?: number
  /** So many tokens at the end of a prompt are computed whatever there is; 1 at least, which gives its logits. */
  readonly alwaysComputed: number
}

export class Slots {
  readonly #options: SlotOptions
  readonly #slots: readonly Slot[]
  /** What is held and may serve others. */
  readonly #held = new PrefixTree<Holder>()
  /** The prompts of sequences at work: what they will hold before long. */
  readonly #promised = new PrefixTree<number>()

  constructor(options: SlotOptions) {
    this.#options = options
    const { working, keepers = 0 } = options
    const empty = (): Slot => ({ length: 0, group: '', root: '', busy: false })
    this.#slots = Array.from({ length: working + keepers }, empty)
  }

  /**
   * The cheapest place, in tokens to compute, to copy and to lose. Undefined: it is cheaper to wait, because a sequence at
   * work is computing the same beginning; ask again after each step. So nobody waits longer than that sequence's prompt.
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

  /** Whether a sequence at work is computing so much of its beginning that it would wait for that, had it a place. */
  isPromised(wanted: Wanted): boolean {
    const held = Math.max(0, ...this.#shared(wanted, this.#held).values())
    return this.#promisedOf(wanted) - held > this.#options.copyCost
  }

  /** A sequence begins in `slot`, which holds the first `cached` tokens of its prompt and nothing else. */
  take({ prompt, group, owner }: Wanted, slot: number, cached: number): void {
    const root = rootOf(group, owner)
    Object.assign(this.#slots[slot]!, { length: cached, group, root, busy: true })
    this.#held.set(slot, root, prompt.slice(0, cached))
    this.#promised.set(slot, root, prompt)
  }

  /** These tokens were computed in the slot. Once some are not `reusable`, none after them is. */
  append(slot: number, tokens: readonly number[], reusable: boolean): void {
    const held = this.#slots[slot]!
    if (reusable && this.#held.length(slot) === held.length) {
      if (held.length === 0) this.#held.set(slot, held.root, tokens)
      else this.#held.extend(slot, tokens)
    }
    held.length += tokens.length
    if (held.length >= this.#promised.length(slot)) this.#promised.remove(slot)
  }

  /** Its sequence ended. What may serve others stays, or is gone. */
  release(slot: number, stays: boolean, now: number): void {
    const held = this.#slots[slot]!
    held.busy = false
    this.#promised.remove(slot)
    this.#held.touch(slot, now)
    if (!stays) this.clear(slot)
  }

  /** It holds nothing any more. */
  clear(slot: number): void {
    this.#slots[slot]!.length = 0
    this.#held.remove(slot)
  }

  /** It holds no more than its first `length` tokens. */
  cut(slot: number, length: number): void {
    this.#held.truncate(slot, length)
    this.#slots[slot]!.length = Math.min(this.#slots[slot]!.length, length)
  }

  /** The slot forgets all but what may serve others. Returns how many tokens that are. */
  trim(slot: number): number {
    const reusable = this.#held.length(slot)
    this.#slots[slot]!.length = reusable
    return reusable
  }

  /** A place beside those at work for what `slot` may leave to others: empty, or holding what is least worth; undefined where that is worth more. */
  keeperFor(slot: number, now: number): number | undefined {
    const keeper = this.minWorth(now, () => true)
    if (keeper === undefined) return undefined
    return this.#held.loss(keeper, 0, now) <= this.#held.loss(slot, 0, now) ? keeper : undefined
  }

  /** Who of the places beside those at work holds what is least worth for its tokens. */
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

  /** What `slot` holds for others goes to another one. */
  move(slot: number, keeper: number): void {
    const { group, root } = this.#slots[slot]!
    const tokens = this.#held.tokens(slot)
    this.#held.set(keeper, root, tokens)
    Object.assign(this.#slots[keeper]!, { length: tokens.length, group, root, busy: false })
    this.clear(slot)
  }

  /** What would have to be computed again if nobody held what only this one does, as far as it is likely to be asked for; in tokens. */
  loss(holder: Holder, kept: number, now: number): number {
    return this.#held.loss(holder, kept, now)
  }

  /** What it holds, as far as it is likely to be asked for, whoever else holds it; in tokens. */
  demand(holder: Holder, now: number): number {
    return this.#held.demand(holder, now)
  }

  /** What it holds that may serve others. */
  tokens(holder: Holder): readonly number[] {
    return this.#held.tokens(holder)
  }

  rootOf(slot: number): string {
    return this.#slots[slot]!.root
  }

  /** Host memory holds this, too. */
  addSaved(state: SavedState, tokens: readonly number[]): void {
    this.#held.set(state, state.root, tokens)
  }

  /** It was asked for: in another life of the process, where it says so. */
  touch(holder: Holder, now: number): void {
    this.#held.touch(holder, now)
  }

  removeSaved(state: SavedState): void {
    this.#held.remove(state)
  }

  /** How many of the first tokens that a slot holds are asked for again and again, and by whom they are held as such. */
  hotBeginning(slot: number, options: HotOptions, now: number): HotPrefix<Holder> | undefined {
    return this.#held.hotBeginning(slot, options, now)
  }

  /** How many tokens the slot holds; that is also the position of the next one. */
  length(slot: number): number {
    return this.#slots[slot]!.length
  }

  /** Tokens held by sequences that run. */
  get busyTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? slot.length : 0), 0)
  }

  /** Tokens that others may get of what ended sequences left in their places. */
  get idleTokens(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot.busy ? 0 : slot.length), 0)
  }

  /** How many first tokens a sequence at work has in common with others at work, and in which slots those are. */
  sharedAtWork(slot: number): { readonly length: number; readonly slots: readonly number[] } | undefined {
    const shared = this.#held.sharedBy(slot, (other) => isSlot(other) && this.#slots[other]!.busy)
    return shared && { length: shared.length, slots: shared.holders.filter(isSlot) }
  }

  /** What is held of which beginnings, the most asked for first; `text` describes the first tokens of a stretch. */
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
   * Free slots next to those at work with which the sequence will be computed, because llama.cpp computes sequences together
   * only when their numbers follow one another; far from others, which leaves room to both; and any that hold half of the
   * prompt.
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

  /** How much everyone has of a prompt; its last tokens are always computed. */
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

/** Of the kind that is meant, who has most; of slots the first. */
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
