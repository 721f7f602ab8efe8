/**
 * The cells of the context, where sequences keep their keys and values: what `Slots` decides is done here in the library.
 * What leaves the cells may stay in host memory for a while. Knows nothing of sequences but their tokens.
 */

import type { Clock } from '@hadal/base'
import type { MemoryPointer, Native } from '../binding.ts'
import type { LoadedModel } from './open-generator.ts'
import type { KeptPrefix } from './prefix-files.ts'
import { type SavedState, SavedStates } from './saved-states.ts'
import { SharedCells } from './shared-cells.ts'
import { type Placement, rootOf, Slots, type Wanted } from './slots.ts'

/** Shorter beginnings are computed again as soon as they are fetched. */
const leastSavedTokens = 256
/** A beginning that was asked for so often of late, and went on in so many ways, is kept by itself. */
const hot = { leastTokens: 64, leastHeat: 3, leastWays: 3 }
/** Common cells that stay free beside what sequences reserved, for each of them: they go on a while before one must be put aside. */
const headroom = 16
/** New tokens that a sequence reserves cells for when it begins, where others can be put aside. */
const reservedTokens = 64

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
  readonly #llama: Native['llama']
  readonly #context: LoadedModel['context']
  readonly #memory: MemoryPointer
  readonly #plan: LoadedModel['plan']
  readonly #options: CellsOptions
  readonly #slots: Slots
  readonly #saved: SavedStates
  /** Undefined where each slot has cells of its own. */
  readonly #pool: SharedCells | undefined
  /** Tokens that the sequence in a slot may hold without asking again. */
  readonly #reserved = new Map<number, number>()
  readonly #divisible: boolean
  /** Slots, and those that are to be copies of them: the library makes them only when it next computes. */
  readonly #copying = new Map<number, readonly number[]>()

  constructor({ native, context, plan, sequences, copyCost, divisible }: LoadedModel, options: CellsOptions) {
    this.#llama = native.llama
    this.#context = context
    this.#memory = native.llama.getMemory(context)
    this.#plan = plan
    this.#options = options
    this.#divisible = divisible
    const { working, hostCacheBytes, clock } = options
    this.#slots = new Slots({
      working,
      keepers: sequences - working,
      copyCost,
      // Where results shall not depend on company: one row alone would be computed by other kernels.
      alwaysComputed: plan.invariant ? 2 : 1,
    })
    this.#saved = new SavedStates(
      hostCacheBytes,
      (state) => this.#slots.loss(state, 0, clock.now()),
      (state) => this.#slots.removeSaved(state),
    )
    this.#pool = plan.shared ? new SharedCells(sequences, working) : undefined
  }

  /**
   * See `Slots.place`; undefined, too, where host memory would be written (`restores`: it will be in any case) into cells of
   * which a copy is still to be made. Models that look back only so far may have given up cells of the beginning.
   */
  place(wanted: Wanted, restores = false): Placement | undefined {
    const place = this.#slots.place(wanted, this.#now())
    if (place === undefined) return undefined
    if ((restores || typeof place.from === 'object') && this.#copying.has(place.slot)) return undefined
    if (place.cached === 0 || typeof place.from !== 'number') return place
    // What cannot be cut has one state for all of its tokens, and goes on after the last.
    const isWhole = !this.#divisible || this.#llama.memorySeqPosMin(this.#memory, place.from) === 0
    return isWhole ? place : { slot: place.slot, from: place.slot, cached: 0 }
  }

  /**
   * Whether there are cells for `prompt` tokens and `more` new ones, of which as many are in the cells already as `place` says.
   * Cells of one's own always suffice; of common ones, what is kept for later prompts makes way.
   */
  suffice(prompt: number, more: number, needed: Needed): boolean {
    if (this.#pool === undefined) return true
    const { from, cached } = needed
    const whole = this.#reservation(prompt, more)
    const wanted =
      typeof from === 'number' ? whole - cached : Math.max(whole, this.#slots.tokens(from).length)
    const spare = this.#options.preemption ? headroom * this.#reserved.size : 0
    return this.#makeRoom(wanted + this.#promised() + spare, needed)
  }

  /** Whether the sequences at work can go on for so many tokens together; where not, one must be put aside. */
  canGrow(tokens: number): boolean {
    return this.#pool === undefined || this.#makeRoom(tokens)
  }

  /** A sequence of at most `prompt + more` tokens begins. Returns how many tokens of its prompt its slot holds already. */
  take(wanted: Wanted, { slot, from, cached }: Placement, more: number): number {
    this.#save(slot, from === slot ? cached : 0)
    const isRefused = typeof from === 'object' && !this.#restore(from, slot)
    if (isRefused) this.#forgetSaved(from)
    if (typeof from === 'number' && from !== slot && cached > 0) this.#copy(from, slot)
    const kept = this.#keep(slot, isRefused ? 0 : cached)
    this.#slots.take(wanted, slot, kept)
    if (typeof from === 'number' && from !== slot) this.#pool?.copy(from, slot, kept)
    else if (typeof from === 'object') this.#pool?.append(slot, kept)
    this.#reserved.set(slot, this.#reservation(wanted.prompt.length, more))
    return kept
  }

  /** The library has computed something. */
  computed(): void {
    this.#copying.clear()
  }

  /** These tokens will be computed in the slot. */
  append(slot: number, tokens: readonly number[], arePrompt: boolean): void {
    // A new token was not computed as a prompt's would be.
    this.#slots.append(slot, tokens, arePrompt || !this.#plan.invariant)
    this.#pool?.append(slot, tokens.length)
  }

  /** Forgets what was computed in the slot beyond the tokens it holds: guesses that were wrong. */
  trim(slot: number): void {
    this.#llama.memorySeqRm(this.#memory, slot, this.#slots.length(slot), -1)
  }

  /** What a sequence leaves may serve a later prompt: in its own cells, or as long as no other needs the common ones. */
  leave(slot: number): void {
    const now = this.#now()
    this.#reserved.delete(slot)
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
    if ([...this.#copying.values()].some((copies) => copies.includes(slot))) return false
    if (!this.#plan.invariant) return true
    const size = this.#llama.stateSeqGetSize(this.#context, slot)
    return this.#saved.hasRoomFor(size, Number.POSITIVE_INFINITY)
  }

  /** A sequence makes way for others, and will go on. */
  putAside(slot: number): Aside {
    const length = this.#slots.length(slot)
    const size = this.#llama.stateSeqGetSize(this.#context, slot)
    const hasRoom = this.#saved.hasRoomFor(size, Number.POSITIVE_INFINITY)
    const state = hasRoom ? this.#stateOf(slot, '', false) : undefined
    const isKept = state !== undefined && this.#saved.add(state, Number.POSITIVE_INFINITY)
    this.#reserved.delete(slot)
    this.#slots.release(slot, this.#pool === undefined && !isKept, this.#now())
    if (isKept || this.#pool !== undefined) this.#clear(slot)
    return { state: isKept ? state : undefined, length }
  }

  /** It goes on in `slot` with the first `held` of its tokens, of which `prompt` are its prompt's; `more` may follow. */
  goOn(wanted: Wanted, prompt: number, slot: number, state: SavedState, held: number, more: number): void {
    this.#save(slot, 0)
    this.#restoreOwn(state, slot)
    this.#saved.remove(state)
    this.#slots.take(wanted, slot, 0)
    const tokens = wanted.prompt.slice(0, held)
    this.append(slot, tokens.slice(0, prompt), true)
    this.append(slot, tokens.slice(prompt), false)
    this.#reserved.set(slot, this.#reservation(wanted.prompt.length, more))
  }

  /** A sequence that was put aside will not go on. */
  forget({ state }: Aside): void {
    if (state !== undefined) this.#saved.remove(state)
  }

  /** From another life of the process, as far as there is room. */
  restore({ tokens, bytes }: KeptPrefix): void {
    const state = { root: rootOf(...anybody), bytes, pinned: true }
    if (!this.#saved.add(state, tokens.length)) return
    this.#slots.addSaved(state, tokens)
    for (let use = 0; use < hot.leastHeat; use += 1) this.#slots.touch(state, this.#now())
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

  #now(): number {
    return this.#options.clock.now()
  }

  #reservation(prompt: number, more: number): number {
    return prompt + (this.#options.preemption ? Math.min(more, reservedTokens) : more)
  }

  #promised(): number {
    let promised = 0
    for (const [slot, reserved] of this.#reserved)
      promised += Math.max(0, reserved - this.#slots.length(slot))
    return promised
  }

  /** Frees common cells until `cells` are: those of beginnings that are least worth, of `needed` only what is not needed. */
  #makeRoom(cells: number, needed?: Needed): boolean {
    const pool = this.#pool!
    while (pool.used + cells > this.#plan.cells) {
      const isMeant = (keeper: number): boolean => keeper !== needed?.from && this.#slots.length(keeper) > 0
      const keeper = this.#slots.leastWorth(this.#now(), isMeant)
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
    this.#llama.memorySeqRm(this.#memory, keeper, needed!.cached, -1)
    this.#pool!.trim(keeper, needed!.cached)
    return this.#pool!.used + cells <= this.#plan.cells
  }

  /** Cells of one's own are copied later than the library says so. */
  #copy(from: number, slot: number): void {
    this.#llama.memorySeqCp(this.#memory, from, slot, -1, -1)
    if (this.#pool === undefined) this.#copying.set(from, [...(this.#copying.get(from) ?? []), slot])
  }

  /** In unified memory a copy takes no cells. */
  #moveTo(keeper: number, slot: number): void {
    this.#clear(keeper)
    const kept = this.#forgetUseless(slot)
    this.#llama.memorySeqCp(this.#memory, slot, keeper, -1, -1)
    this.#pool!.copy(slot, keeper, kept)
    this.#slots.move(slot, keeper)
    this.#clear(slot)
  }

  /** The slot forgets what cannot serve others. Returns how many tokens it still holds. */
  #forgetUseless(slot: number): number {
    const length = this.#slots.trim(slot)
    this.#llama.memorySeqRm(this.#memory, slot, length, -1)
    this.#pool?.trim(slot, length)
    return length
  }

  #clear(slot: number): void {
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
    this.#pool?.clear(slot)
    this.#slots.clear(slot)
  }

  /** Before a slot loses all but the first `kept` tokens: if nobody else holds them and they are worth it. */
  #save(slot: number, kept: number): void {
    const worth = this.#slots.loss(slot, kept, this.#now())
    const tokens = this.#slots.tokens(slot)
    if (!this.#divisible || tokens.length < leastSavedTokens || worth < leastSavedTokens / 2) return
    this.#forgetUseless(slot)
    if (this.#llama.memorySeqPosMin(this.#memory, slot) !== 0) return
    const size = this.#llama.stateSeqGetSize(this.#context, slot)
    if (!this.#saved.hasRoomFor(size, worth)) return
    const state = this.#stateOf(slot, this.#slots.rootOf(slot), false)
    if (state !== undefined && this.#saved.add(state, worth)) this.#slots.addSaved(state, tokens)
  }

  /** llama.cpp gives whole sequences only: where cells are common, another one holds the beginning for a moment; else the rest is put back. */
  #beginningOf(slot: number, length: number, root: string): SavedState | undefined {
    if (this.#pool === undefined) {
      const whole = this.#stateOf(slot, root, true)
      if (whole === undefined) return undefined
      this.#llama.memorySeqRm(this.#memory, slot, length, -1)
      const state = this.#stateOf(slot, root, true)
      this.#restoreOwn(whole, slot)
      return state
    }
    const empty = this.#slots.leastWorth(this.#now(), (keeper) => this.#slots.length(keeper) === 0)
    if (empty === undefined) return undefined
    this.#llama.memorySeqCp(this.#memory, slot, empty, -1, -1)
    this.#llama.memorySeqRm(this.#memory, empty, length, -1)
    const state = this.#stateOf(empty, root, true)
    this.#llama.memorySeqRm(this.#memory, empty, -1, -1)
    return state
  }

  /** Of what an ended sequence holds, a beginning that was asked for again and again: by itself, so that it outlives the rest. */
  #saveHot(slot: number): void {
    const found = this.#divisible ? this.#slots.hotBeginning(slot, hot, this.#now()) : undefined
    if (found === undefined || found.holders.some((holder) => typeof holder === 'object')) return
    if (this.#llama.memorySeqPosMin(this.#memory, slot) !== 0) return
    const root = this.#slots.rootOf(slot)
    const tokens = this.#slots.tokens(slot).slice(0, found.length)
    const share = found.length / Math.max(found.length, this.#slots.length(slot))
    const size = share * this.#llama.stateSeqGetSize(this.#context, slot)
    if (!this.#saved.hasRoomFor(size, tokens.length, true)) return
    const state = this.#beginningOf(slot, found.length, root)
    if (state === undefined || !this.#saved.add(state, tokens.length)) return
    this.#slots.addSaved(state, tokens)
    // Of those who share with nobody else, nothing is told.
    if (root === rootOf(...anybody)) this.#options.onHot?.(tokens, state)
  }

  #stateOf(slot: number, root: string, pinned: boolean): SavedState | undefined {
    const size = this.#llama.stateSeqGetSize(this.#context, slot)
    const bytes = Buffer.allocUnsafeSlow(size)
    const written = this.#llama.stateSeqGetData(this.#context, bytes, size, slot)
    return written === 0 ? undefined : { root, bytes: bytes.subarray(0, written), pinned }
  }

  /** False where the library takes it for another context's, as it may one from disk. */
  #restore({ bytes }: SavedState, slot: number): boolean {
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
    return this.#llama.stateSeqSetData(this.#context, bytes, bytes.length, slot) !== 0
  }

  #restoreOwn(state: SavedState, slot: number): void {
    if (!this.#restore(state, slot))
      throw new Error('llama.cpp found no cells for keys and values that it gave')
  }

  #forgetSaved(state: SavedState): void {
    this.#saved.remove(state)
    this.#slots.removeSaved(state)
  }

  /** Drops all but the first `cached` tokens of a slot; recurrent models can only forget everything. */
  #keep(slot: number, cached: number): number {
    if (this.#llama.memorySeqRm(this.#memory, slot, cached, -1)) return cached
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
    return 0
  }
}
