/**
 * The cells of the context, where sequences keep their keys and values: what `Slots` decides is done here in the library.
 * Knows nothing of sequences but their tokens.
 */

import type { MemoryPointer, Native } from '../binding.ts'
import type { LoadedModel } from './open-generator.ts'
import { SharedCells } from './shared-cells.ts'
import { type Placement, Slots, type Wanted } from './slots.ts'

export class Cells {
  readonly #llama: Native['llama']
  readonly #memory: MemoryPointer
  readonly #plan: LoadedModel['plan']
  readonly #slots: Slots
  /** Undefined where each slot has cells of its own. */
  readonly #pool: SharedCells | undefined
  /** Tokens that the sequence in a slot may come to hold. */
  readonly #reserved = new Map<number, number>()

  constructor({ native, context, plan, copyCost }: LoadedModel, slots: number) {
    this.#llama = native.llama
    this.#memory = native.llama.getMemory(context)
    this.#plan = plan
    // Where results shall not depend on company: one row alone would be computed by other kernels.
    this.#slots = new Slots(slots, copyCost, plan.invariant ? 2 : 1)
    this.#pool = plan.shared ? new SharedCells(slots) : undefined
  }

  /** See `Slots.place`. Models that look back only so far may have given up cells of the beginning. */
  place(wanted: Wanted): Placement | undefined {
    const place = this.#slots.place(wanted)
    if (place === undefined || place.cached === 0) return place
    const isWhole = this.#llama.memorySeqPosMin(this.#memory, place.from) === 0
    return isWhole ? place : { slot: place.slot, from: place.slot, cached: 0 }
  }

  /** Cells of one's own always suffice; of common ones, each sequence has reserved what it may come to need. */
  suffice(tokens: number, { cached }: Placement): boolean {
    if (this.#pool === undefined) return true
    let promised = 0
    for (const [slot, reserved] of this.#reserved) promised += reserved - this.#slots.length(slot)
    return this.#pool.used + promised + tokens - cached <= this.#plan.cells
  }

  /** A sequence of at most `tokens` begins. Returns how many tokens of its prompt its slot holds already. */
  take(wanted: Wanted, { slot, from, cached }: Placement, tokens: number): number {
    if (from !== slot && cached > 0) this.#llama.memorySeqCp(this.#memory, from, slot, -1, -1)
    const kept = this.#keep(slot, cached)
    this.#slots.take(wanted, slot, kept)
    if (from !== slot) this.#pool?.copy(from, slot, kept)
    this.#reserved.set(slot, tokens)
    return kept
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

  /** What a sequence leaves in its own cells may serve a later prompt; common cells are needed by others. */
  leave(slot: number): void {
    this.#reserved.delete(slot)
    this.#slots.release(slot, this.#pool === undefined)
    if (this.#pool === undefined) return
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
    this.#pool.clear(slot)
  }

  /** How many tokens the slot holds; that is also the position of the next one. */
  length(slot: number): number {
    return this.#slots.length(slot)
  }

  /** Held by sequences that run; 0 to 1. */
  get usage(): number {
    return (this.#pool?.used ?? this.#slots.busyTokens) / this.#plan.cells
  }

  /** Drops all but the first `cached` tokens of a slot; recurrent models can only forget everything. */
  #keep(slot: number, cached: number): number {
    if (this.#llama.memorySeqRm(this.#memory, slot, cached, -1)) return cached
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
    return 0
  }
}
