/**
 * The cells of the context, where sequences keep their keys and values: what `Slots` decides is done here in the library.
 * What leaves the cells may stay in host memory for a while. Knows nothing of sequences but their tokens.
 */

import type { Clock } from '@hadal/base'
import { Reservations } from '@hadal/batching'
import type { CacheView } from '../../cache-view.ts'
import { CellMemory } from './cell-memory.ts'
import type { LoadedModel } from './open-generator.ts'
import type { KeptPrefix } from './prefix-files.ts'
import { type SavedState, SavedStates } from './saved-states.ts'
import { SharedCells } from './shared-cells.ts'
import { type Placement, rootOf, Slots, type Wanted } from './slots.ts'

/** Shorter beginnings are computed again as soon as they are fetched. */
const minSavedTokens = 256
/**
 * A beginning that was asked for so often of late, and went on in so many ways, is kept by itself; where there is no room, in
 * place of one whose tokens are worth less: which was asked for less than once of late.
 */
const hot = { minTokens: 64, minHeat: 3, minWays: 3, worth: 0.5 }
/** Neither adapters nor an owner. */
const anybody = ['', ''] as const

export interface CellsOptions {
  /** Sequences at the same time. */
  readonly working: number
  readonly hostCacheBytes: number
  /** Whether sequences can be put aside when cells run short. */
  readonly preemption: boolean
  readonly clock: Clock
  /** A hot beginning was saved. */
  readonly onHot?: (tokens: readonly number[], state: SavedState) => void
}

type Needed = Pick<Placement, 'from' | 'cached'>

/** A sequence that was put aside: its keys and values, or nothing where there was no room for them. */
export interface Aside {
  readonly state: SavedState | undefined
  /** Tokens in it. */
  readonly length: number
}

export class Cells {
  readonly #memory: CellMemory
  readonly #plan: LoadedModel['plan']
  readonly #options: CellsOptions
  readonly #slots: Slots
  readonly #saved: SavedStates
  /** Undefined where each slot has cells of its own. */
  readonly #pool: SharedCells | undefined
  readonly #reservations: Reservations<number>
  readonly #divisible: boolean
  readonly #bytesPerCell: number

  constructor(model: LoadedModel, options: CellsOptions) {
    const { native, context, plan, sequences, copyCost, divisible, bytesPerCell } = model
    this.#bytesPerCell = bytesPerCell
    this.#memory = new CellMemory(native, context, plan.shared)
    this.#plan = plan
    this.#options = options
    this.#divisible = divisible
    const { working, hostCacheBytes, preemption, clock } = options
    this.#reservations = new Reservations(preemption)
    this.#slots = new Slots({
      working,
      keepers: sequences - working,
      copyCost,
      // Where results shall not depend on company: one row alone would be computed by other kernels.
      alwaysComputed: plan.invariant ? 2 : 1,
    })
    this.#saved = new SavedStates(
      hostCacheBytes,
      // What others hold, too, may leave them before long.
      (state) =>
        state.pinned ? this.#slots.demand(state, clock.now()) : this.#slots.loss(state, 0, clock.now()),
      (state) => this.#slots.removeSaved(state),
    )
    this.#pool = plan.shared ? new SharedCells(sequences, working) : undefined
  }

  /**
   * See `Slots.place`; undefined, too, where host memory would be written (`restores`: it will be in any case) into cells of
   * which a copy is still to be made.
   */
  place(wanted: Wanted, restores = false): Placement | undefined {
    const place = this.#slots.place(wanted, this.#now())
    if (place === undefined) return undefined
    if ((restores || typeof place.from === 'object') && this.#memory.isToBeCopied(place.slot))
      return undefined
    if (place.cached === 0 || typeof place.from !== 'number') return place
    // What cannot be cut has one state for all of its tokens, and goes on after the last.
    const isWhole = !this.#divisible || this.#memory.holdsBeginning(place.from)
    return isWhole ? place : { slot: place.slot, from: place.slot, cached: 0 }
  }

  /**
   * Whether there are cells for `prompt` tokens and `more` new ones, of which as many are in the cells already as `place` says.
   * Cells of one's own always suffice; of common ones, what is kept for later prompts makes way.
   */
  suffice(prompt: number, more: number, needed: Needed): boolean {
    if (this.#pool === undefined) return true
    const { from, cached } = needed
    const whole = this.#reservations.cellsFor(prompt, more)
    const wanted =
      typeof from === 'number' ? whole - cached : Math.max(whole, this.#slots.tokens(from).length)
    const reserved = this.#reservations.outstanding((slot) => this.#slots.length(slot))
    return this.#makeRoom(wanted + reserved, needed)
  }

  /** Whether the sequences at work can go on for so many tokens together; where not, one must be put aside. */
  canGrow(tokens: number): boolean {
    return this.#pool === undefined || this.#makeRoom(tokens)
  }

  /** A sequence of at most `prompt + more` tokens begins. Returns how many tokens of its prompt its slot holds already. */
  take(wanted: Wanted, { slot, from, cached }: Placement, more: number): number {
    this.#save(slot, from === slot ? cached : 0)
    const isRefused = typeof from === 'object' && !this.#memory.restore(from, slot)
    if (isRefused) this.#forgetSaved(from)
    if (typeof from === 'number' && from !== slot && cached > 0) this.#memory.copy(from, slot)
    const kept = this.#keep(slot, isRefused ? 0 : cached)
    this.#slots.take(wanted, slot, kept)
    if (typeof from === 'number' && from !== slot) this.#pool?.copy(from, slot, kept)
    else if (typeof from === 'object') this.#pool?.append(slot, kept)
    this.#reservations.begin(slot, wanted.prompt.length, more)
    return kept
  }

  /** The library has computed something. */
  computed(): void {
    this.#memory.computed()
  }

  /** These tokens will be computed in the slot. */
  append(slot: number, tokens: readonly number[], arePrompt: boolean): void {
    // A new token was not computed as a prompt's would be.
    this.#slots.append(slot, tokens, arePrompt || !this.#plan.invariant)
    this.#pool?.append(slot, tokens.length)
  }

  /** Forgets what was computed in the slot beyond the tokens it holds: guesses that were wrong. */
  trim(slot: number): void {
    this.#memory.forget(slot, this.#slots.length(slot))
  }

  /** What a sequence leaves may serve a later prompt: in its own cells, or as long as no other needs the common ones. */
  leave(slot: number): void {
    const now = this.#now()
    this.#reservations.end(slot)
    this.#slots.release(slot, true, now)
    this.#saveHot(slot)
    if (this.#pool === undefined) return
    const keeper = this.#divisible ? this.#slots.keeperFor(slot, now) : undefined
    this.#save(keeper ?? slot, 0)
    if (keeper !== undefined) this.#moveTo(keeper, slot)
    else this.#clear(slot)
  }

  /** See `Slots.isPromised`. */
  isPromised(wanted: Wanted): boolean {
    return this.#slots.isPromised(wanted)
  }

  /**
   * Whether the sequence in a slot can be put aside. Where results shall not depend on company, what was said is not computed
   * again: that would be by other kernels. What is still to be copied cannot be saved.
   */
  mayMakeWay(slot: number): boolean {
    if (this.#memory.isToBeFilled(slot)) return false
    if (!this.#plan.invariant) return true
    return this.#saved.hasRoomFor(this.#memory.sizeOf(slot), Number.POSITIVE_INFINITY)
  }

  /** A sequence makes way for others, and will go on. */
  putAside(slot: number): Aside {
    const length = this.#slots.length(slot)
    const hasRoom = this.#saved.hasRoomFor(this.#memory.sizeOf(slot), Number.POSITIVE_INFINITY)
    const state = hasRoom ? this.#memory.stateOf(slot, '', false) : undefined
    const isKept = state !== undefined && this.#saved.add(state, Number.POSITIVE_INFINITY)
    this.#reservations.end(slot)
    this.#slots.release(slot, this.#pool === undefined && !isKept, this.#now())
    if (isKept || this.#pool !== undefined) this.#clear(slot)
    return { state: isKept ? state : undefined, length }
  }

  /** It goes on in `slot` with the first `held` of its tokens, of which `prompt` are its prompt's; `more` may follow. */
  goOn(wanted: Wanted, prompt: number, slot: number, state: SavedState, held: number, more: number): void {
    this.#save(slot, 0)
    this.#memory.putBack(state, slot)
    this.#saved.remove(state)
    this.#slots.take(wanted, slot, 0)
    const tokens = wanted.prompt.slice(0, held)
    this.append(slot, tokens.slice(0, prompt), true)
    this.append(slot, tokens.slice(prompt), false)
    this.#reservations.begin(slot, wanted.prompt.length, more)
  }

  /** A sequence that was put aside will not go on. */
  forget({ state }: Aside): void {
    if (state !== undefined) this.#saved.remove(state)
  }

  /** From another life of the process, as far as there is room. */
  restore({ tokens, bytes }: KeptPrefix): void {
    const state = { root: rootOf(...anybody), bytes, pinned: true }
    if (!this.#saved.add(state, tokens.length * hot.worth)) return
    this.#slots.addSaved(state, tokens)
    for (let use = 0; use < hot.minHeat; use += 1) this.#slots.touch(state, this.#now())
  }

  /** How many tokens the slot holds; that is also the position of the next one. */
  length(slot: number): number {
    return this.#slots.length(slot)
  }

  /** Cells that nobody holds, for guesses; there is no end of one's own. */
  get free(): number {
    return this.#pool === undefined ? Number.POSITIVE_INFINITY : this.#plan.cells - this.#pool.used
  }

  /** Held by sequences that run; 0 to 1. */
  get usage(): number {
    return (this.#pool?.atWork ?? this.#slots.busyTokens) / this.#plan.cells
  }

  /** Bytes of host memory. */
  get savedBytes(): number {
    return this.#saved.usedBytes
  }

  /** See `Slots.sharedAtWork`. */
  sharedAtWork(slot: number): ReturnType<Slots['sharedAtWork']> {
    return this.#slots.sharedAtWork(slot)
  }

  /** How the cells and host memory stand, with the first `most` stretches of what is held of beginnings. */
  view(most: number, text?: (tokens: readonly number[]) => string): CacheView {
    const { cells: total } = this.#plan
    const pool = this.#pool
    const atWork = pool?.atWork ?? this.#slots.busyTokens
    const kept = pool === undefined ? this.#slots.idleTokens : pool.used - atWork
    return {
      cells: {
        total,
        atWork,
        shared: pool?.sharedAtWork ?? 0,
        kept,
        free: Math.max(0, total - atWork - kept),
        bytes: this.#bytesPerCell,
      },
      host: {
        usedBytes: this.#saved.usedBytes,
        budgetBytes: this.#saved.budgetBytes,
        states: this.#saved.size,
        pinned: this.#saved.pinned,
      },
      prefixes: this.#slots.prefixes(most, this.#now(), text),
    }
  }

  #now(): number {
    return this.#options.clock.now()
  }

  /** Frees common cells until `cells` are: those of beginnings that are least worth, of `needed` only what is not needed. */
  #makeRoom(cells: number, needed?: Needed): boolean {
    const pool = this.#pool!
    while (pool.used + cells > this.#plan.cells) {
      const isMeant = (keeper: number): boolean => keeper !== needed?.from && this.#slots.length(keeper) > 0
      const keeper = this.#slots.minWorth(this.#now(), isMeant)
      if (keeper === undefined) return this.#cut(needed, cells)
      this.#save(keeper, 0)
      this.#clear(keeper)
    }
    return true
  }

  /** The last to make way is what `needed` holds beyond the tokens that are needed. */
  #cut(needed: Needed | undefined, cells: number): boolean {
    const keeper = needed?.from
    if (typeof keeper !== 'number' || keeper < this.#options.working) return false
    this.#save(keeper, needed!.cached)
    this.#slots.cut(keeper, needed!.cached)
    this.#memory.forget(keeper, needed!.cached)
    this.#pool!.trim(keeper, needed!.cached)
    return this.#pool!.used + cells <= this.#plan.cells
  }

  /** In unified memory a copy takes no cells. */
  #moveTo(keeper: number, slot: number): void {
    this.#clear(keeper)
    const kept = this.#forgetUseless(slot)
    this.#memory.copy(slot, keeper)
    this.#pool!.copy(slot, keeper, kept)
    this.#slots.move(slot, keeper)
    this.#clear(slot)
  }

  /** The slot forgets what cannot serve others. Returns how many tokens it still holds. */
  #forgetUseless(slot: number): number {
    const length = this.#slots.trim(slot)
    this.#memory.forget(slot, length)
    this.#pool?.trim(slot, length)
    return length
  }

  #clear(slot: number): void {
    this.#memory.clear(slot)
    this.#pool?.clear(slot)
    this.#slots.clear(slot)
  }

  /** Before a slot loses all but the first `kept` tokens: if nobody else holds them and they are worth it. */
  #save(slot: number, kept: number): void {
    const worth = this.#slots.loss(slot, kept, this.#now())
    const tokens = this.#slots.tokens(slot)
    if (!this.#divisible || tokens.length < minSavedTokens || worth < minSavedTokens / 2) return
    this.#forgetUseless(slot)
    if (!this.#memory.holdsBeginning(slot) || !this.#saved.hasRoomFor(this.#memory.sizeOf(slot), worth))
      return
    const state = this.#memory.stateOf(slot, this.#slots.rootOf(slot), false)
    if (state !== undefined && this.#saved.add(state, worth)) this.#slots.addSaved(state, tokens)
  }

  #beginningOf(slot: number, length: number, root: string): SavedState | undefined {
    if (this.#pool === undefined) return this.#memory.beginningOf(slot, length, root)
    const empty = this.#slots.minWorth(this.#now(), (keeper) => this.#slots.length(keeper) === 0)
    return empty === undefined ? undefined : this.#memory.beginningBy(empty, slot, length, root)
  }

  /** Of what an ended sequence holds, a beginning that was asked for again and again: by itself, so that it outlives the rest. */
  #saveHot(slot: number): void {
    const found = this.#divisible ? this.#slots.hotBeginning(slot, hot, this.#now()) : undefined
    if (found === undefined || found.holders.some((holder) => typeof holder === 'object')) return
    if (!this.#memory.holdsBeginning(slot)) return
    const root = this.#slots.rootOf(slot)
    const tokens = this.#slots.tokens(slot).slice(0, found.length)
    const share = found.length / Math.max(found.length, this.#slots.length(slot))
    const size = share * this.#memory.sizeOf(slot)
    const worth = tokens.length * hot.worth
    if (!this.#saved.hasRoomFor(size, worth, true)) return
    const state = this.#beginningOf(slot, found.length, root)
    if (state === undefined || !this.#saved.add(state, worth)) return
    this.#slots.addSaved(state, tokens)
    // Of those who share with nobody else, nothing is told.
    if (root === rootOf(...anybody)) this.#options.onHot?.(tokens, state)
  }

  #forgetSaved(state: SavedState): void {
    this.#saved.remove(state)
    this.#slots.removeSaved(state)
  }

  /** Drops all but the first `cached` tokens of a slot; what cannot be cut is forgotten as a whole. */
  #keep(slot: number, cached: number): number {
    if (this.#memory.forget(slot, cached)) return cached
    this.#memory.clear(slot)
    return 0
  }
}
