/**
 * The library's memory of keys and values: what each slot's sequence holds, by its number alone. Knows nothing of tokens, nor of
 * why anything is copied or kept.
 */

import type { ContextPointer, MemoryPointer, Native } from '../binding.ts'
import type { SavedState } from './saved-states.ts'

export class CellMemory {
  readonly #llama: Native['llama']
  readonly #context: ContextPointer
  readonly #memory: MemoryPointer
  readonly #shared: boolean
  /** Slots, and those that are to be copies of them. */
  readonly #copying = new Map<number, readonly number[]>()

  /** `shared`: a cell can belong to several slots. */
  constructor({ llama }: Native, context: ContextPointer, shared: boolean) {
    this.#llama = llama
    this.#context = context
    this.#memory = llama.getMemory(context)
    this.#shared = shared
  }

  /** All but the first `kept` tokens. False where the memory cannot be cut there: then nothing has changed. */
  forget(slot: number, kept: number): boolean {
    return this.#llama.memorySeqRm(this.#memory, slot, kept, -1)
  }

  clear(slot: number): void {
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
  }

  /** Where cells are not common, the library makes the copy only when it next computes. */
  copy(from: number, slot: number): void {
    this.#llama.memorySeqCp(this.#memory, from, slot, -1, -1)
    if (!this.#shared) this.#copying.set(from, [...(this.#copying.get(from) ?? []), slot])
  }

  /** The library has computed something. */
  computed(): void {
    this.#copying.clear()
  }

  /** A copy of it is still to be made: nothing may be restored into it. */
  isToBeCopied(slot: number): boolean {
    return this.#copying.has(slot)
  }

  /** It is still to become a copy: there is nothing to save. */
  isToBeFilled(slot: number): boolean {
    return [...this.#copying.values()].some((copies) => copies.includes(slot))
  }

  /** Models that look back only so far give up cells of the beginning. */
  holdsBeginning(slot: number): boolean {
    return this.#llama.memorySeqPosMin(this.#memory, slot) === 0
  }

  /** Bytes. */
  sizeOf(slot: number): number {
    return this.#llama.stateSeqGetSize(this.#context, slot)
  }

  stateOf(slot: number, root: string, pinned: boolean): SavedState | undefined {
    const size = this.sizeOf(slot)
    const bytes = Buffer.allocUnsafeSlow(size)
    const written = this.#llama.stateSeqGetData(this.#context, bytes, size, slot)
    return written === 0 ? undefined : { root, bytes: bytes.subarray(0, written), pinned }
  }

  /** llama.cpp gives whole sequences only, so the rest is put back. */
  beginningOf(slot: number, length: number, root: string): SavedState | undefined {
    const whole = this.stateOf(slot, root, true)
    if (whole === undefined) return undefined
    this.forget(slot, length)
    const state = this.stateOf(slot, root, true)
    this.putBack(whole, slot)
    return state
  }

  /** The same where cells are common: `empty` holds the beginning for a moment. */
  beginningBy(empty: number, slot: number, length: number, root: string): SavedState | undefined {
    this.copy(slot, empty)
    this.forget(empty, length)
    const state = this.stateOf(empty, root, true)
    this.clear(empty)
    return state
  }

  /** False where the library takes it for another context's, as it may one from disk: the slot is empty then. */
  restore({ bytes }: SavedState, slot: number): boolean {
    this.clear(slot)
    return this.#llama.stateSeqSetData(this.#context, bytes, bytes.length, slot) !== 0
  }

  /** What this context gave. */
  putBack(state: SavedState, slot: number): void {
    if (!this.restore(state, slot))
      throw new Error('llama.cpp found no cells for keys and values that it gave')
  }
}
