/**
 * The cells of the context, where sequences keep their keys and values: performs in the library what `Slots` decides. Evicted
 * states may stay in host memory for a while.
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

/** Recomputing shorter prefixes is as fast as restoring them. */
const minSavedTokens = 256
/**
 * A prefix that is hot enough, with enough different continuations, is kept separately. If there is no space, it replaces one
 * worth less: one with less than one recent use.
 */
const hot = { minTokens: 64, minHeat: 3, minWays: 3, worth: 0.5 }
/** Neither adapters nor an owner. */
const anybody = ['', ''] as const

export interface CellsOptions {
  /** Maximum number of running sequences. */
  readonly working: number
  readonly hostCacheBytes: number
  /** Whether sequences can be preempted when cells run short. */
  readonly preemption: boolean
  readonly clock: Clock
  /** A hot prefix was saved. */
  readonly onHot?: (tokens: readonly number[], state: SavedState) => void
}

type Needed = Pick<Placement, 'from' | 'cached'>

/** A preempted sequence: its keys and values, or nothing if there was no space for them. */
export interface Aside {
  readonly state: SavedState | undefined
  /** Number of its tokens. */
  readonly length: number
}

export class Cells {
  readonly #memory: CellMemory
  readonly #plan: LoadedModel['plan']
  readonly #options: CellsOptions
  readonly #slots: Slots
  readonly #saved: SavedStates
  /** Undefined if each slot has separate cells. */
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
      // With batch invariance at least two: other kernels compute a single row.
      alwaysComputed: plan.invariant ? 2 : 1,
    })
    this.#saved = new SavedStates(
      hostCacheBytes,
      // The states of others may be dropped soon.
      (state) =>
        state.pinned ? this.#slots.demand(state, clock.now()) : this.#slots.loss(state, 0, clock.now()),
      (state) => this.#slots.removeSaved(state),
    )
    this.#pool = plan.shared ? new SharedCells(sequences, working) : undefined
  }

  /**
   * See `Slots.place`. Also undefined if host memory would be restored (`restores`: it will be in any case) into cells with a
   * pending copy.
   */
  place(wanted: Wanted, restores = false): Placement | undefined {
    const place = this.#slots.place(wanted, this.#now())
    if (place === undefined) return undefined
    if ((restores || typeof place.from === 'object') && this.#memory.isToBeCopied(place.slot))
      return undefined
    if (place.cached === 0 || typeof place.from !== 'number') return place
    // Memory that cannot be cut is a single state, which continues after its last token.
    const isWhole = !this.#divisible || this.#memory.holdsPrefix(place.from)
    return isWhole ? place : { slot: place.slot, from: place.slot, cached: 0 }
  }

  /**
   * Whether there are cells for `prompt` tokens and `more` new ones, given what `place` found in the cache. Separate cells always
   * suffice; in a shared pool, cached prefixes are evicted.
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

  /** Whether the running sequences can grow by this many tokens in total; if not, one must be preempted. */
  canGrow(tokens: number): boolean {
    return this.#pool === undefined || this.#makeRoom(tokens)
  }

  /** Starts a sequence of at most `prompt + more` tokens. Returns how many tokens of its prompt its slot already holds. */
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

  /** These tokens are about to be computed in the slot. */
  append(slot: number, tokens: readonly number[], arePrompt: boolean): void {
    // With batch invariance, a new token counts as computed differently from a prompt token.
    this.#slots.append(slot, tokens, arePrompt || !this.#plan.invariant)
    this.#pool?.append(slot, tokens.length)
  }

  /** Drops what was computed in the slot beyond its tokens: rejected draft tokens. */
  trim(slot: number): void {
    this.#memory.forget(slot, this.#slots.length(slot))
  }

  /** What a sequence leaves may serve a later prompt: in its separate cells, or until shared ones are needed. */
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
   * Whether the sequence in a slot can be preempted. With batch invariance, generated tokens must not be recomputed, because
   * that would use other kernels. A slot with a pending copy cannot be saved.
   */
  canPreempt(slot: number): boolean {
    if (this.#memory.isToBeFilled(slot)) return false
    if (!this.#plan.invariant) return true
    return this.#saved.hasRoomFor(this.#memory.sizeOf(slot), Number.POSITIVE_INFINITY)
  }

  /** Preempts a sequence, which will resume later. */
  preempt(slot: number): Aside {
    const length = this.#slots.length(slot)
    const hasRoom = this.#saved.hasRoomFor(this.#memory.sizeOf(slot), Number.POSITIVE_INFINITY)
    const state = hasRoom ? this.#memory.stateOf(slot, '', false) : undefined
    const isKept = state !== undefined && this.#saved.add(state, Number.POSITIVE_INFINITY)
    this.#reservations.end(slot)
    this.#slots.release(slot, this.#pool === undefined && !isKept, this.#now())
    if (isKept || this.#pool !== undefined) this.#clear(slot)
    return { state: isKept ? state : undefined, length }
  }

  /** Resumes it in `slot` with the first `held` of its tokens, `prompt` of which are its prompt's; `more` may follow. */
  resume(wanted: Wanted, prompt: number, slot: number, state: SavedState, held: number, more: number): void {
    this.#save(slot, 0)
    this.#memory.putBack(state, slot)
    this.#saved.remove(state)
    this.#slots.take(wanted, slot, 0)
    const tokens = wanted.prompt.slice(0, held)
    this.append(slot, tokens.slice(0, prompt), true)
    this.append(slot, tokens.slice(prompt), false)
    this.#reservations.begin(slot, wanted.prompt.length, more)
  }

  /** A preempted sequence will not resume. */
  forget({ state }: Aside): void {
    if (state !== undefined) this.#saved.remove(state)
  }

  /** Restores a state of an earlier process, as far as there is space. */
  restore({ tokens, bytes }: KeptPrefix): void {
    const state = { root: rootOf(...anybody), bytes, pinned: true }
    if (!this.#saved.add(state, tokens.length * hot.worth)) return
    this.#slots.addSaved(state, tokens)
    for (let use = 0; use < hot.minHeat; use += 1) this.#slots.touch(state, this.#now())
  }

  /** Number of tokens in the slot; also the position of the next one. */
  length(slot: number): number {
    return this.#slots.length(slot)
  }

  /** Free cells for draft tokens; unlimited with separate cells. */
  get free(): number {
    return this.#pool === undefined ? Number.POSITIVE_INFINITY : this.#plan.cells - this.#pool.used
  }

  /** Held by running sequences; 0 to 1. */
  get usage(): number {
    return (this.#pool?.atWork ?? this.#slots.busyTokens) / this.#plan.cells
  }

  /** Host memory in bytes. */
  get savedBytes(): number {
    return this.#saved.usedBytes
  }

  /** See `Slots.sharedAtWork`. */
  sharedAtWork(slot: number): ReturnType<Slots['sharedAtWork']> {
    return this.#slots.sharedAtWork(slot)
  }

  /** The state of the cells and host memory, with the first `most` nodes of the prefix tree. */
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

  /** Evicts the least valuable prefixes until `cells` shared cells are free; of `needed` only the part that is not needed. */
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

  /** Last resort: drops what `needed` holds beyond the tokens that are needed. */
  #cut(needed: Needed | undefined, cells: number): boolean {
    const keeper = needed?.from
    if (typeof keeper !== 'number' || keeper < this.#options.working) return false
    this.#save(keeper, needed!.cached)
    this.#slots.cut(keeper, needed!.cached)
    this.#memory.forget(keeper, needed!.cached)
    this.#pool!.trim(keeper, needed!.cached)
    return this.#pool!.used + cells <= this.#plan.cells
  }

  /** In shared memory a copy takes no cells. */
  #moveTo(keeper: number, slot: number): void {
    this.#clear(keeper)
    const kept = this.#forgetUseless(slot)
    this.#memory.copy(slot, keeper)
    this.#pool!.copy(slot, keeper, kept)
    this.#slots.move(slot, keeper)
    this.#clear(slot)
  }

  /** Drops what cannot serve other requests. Returns how many tokens the slot still holds. */
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

  /**
   * Called before a slot loses all but its first `kept` tokens: saves them if no other holder has them and they are worth it.
   */
  #save(slot: number, kept: number): void {
    const worth = this.#slots.loss(slot, kept, this.#now())
    const tokens = this.#slots.tokens(slot)
    if (!this.#divisible || tokens.length < minSavedTokens || worth < minSavedTokens / 2) return
    this.#forgetUseless(slot)
    if (!this.#memory.holdsPrefix(slot) || !this.#saved.hasRoomFor(this.#memory.sizeOf(slot), worth)) return
    const state = this.#memory.stateOf(slot, this.#slots.rootOf(slot), false)
    if (state !== undefined && this.#saved.add(state, worth)) this.#slots.addSaved(state, tokens)
  }

  #prefixOf(slot: number, length: number, root: string): SavedState | undefined {
    if (this.#pool === undefined) return this.#memory.prefixOf(slot, length, root)
    const empty = this.#slots.minWorth(this.#now(), (keeper) => this.#slots.length(keeper) === 0)
    return empty === undefined ? undefined : this.#memory.prefixBy(empty, slot, length, root)
  }

  /** Saves a hot prefix of an ended sequence separately, so that it outlives the rest. */
  #saveHot(slot: number): void {
    const found = this.#divisible ? this.#slots.hotPrefix(slot, hot, this.#now()) : undefined
    if (found === undefined || found.holders.some((holder) => typeof holder === 'object')) return
    if (!this.#memory.holdsPrefix(slot)) return
    const root = this.#slots.rootOf(slot)
    const tokens = this.#slots.tokens(slot).slice(0, found.length)
    const share = found.length / Math.max(found.length, this.#slots.length(slot))
    const size = share * this.#memory.sizeOf(slot)
    const worth = tokens.length * hot.worth
    if (!this.#saved.hasRoomFor(size, worth, true)) return
    const state = this.#prefixOf(slot, found.length, root)
    if (state === undefined || !this.#saved.add(state, worth)) return
    this.#slots.addSaved(state, tokens)
    // Prefixes of owners that do not share are not reported.
    if (root === rootOf(...anybody)) this.#options.onHot?.(tokens, state)
  }

  #forgetSaved(state: SavedState): void {
    this.#saved.remove(state)
    this.#slots.removeSaved(state)
  }

  /** Drops all but the first `cached` tokens of a slot; memory that cannot be cut is dropped entirely. */
  #keep(slot: number, cached: number): number {
    if (this.#memory.forget(slot, cached)) return cached
    this.#memory.clear(slot)
    return 0
  }
}
