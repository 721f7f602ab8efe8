/** The library's KV memory by slot number: copying, cutting, saving and restoring sequences. Policy is decided elsewhere. */

import type { ContextPointer, MemoryPointer, Native } from '../binding.ts'
import type { SavedState } from './saved-states.ts'

export class CellMemory {
  readonly #llama: Native['llama']
  readonly #context: ContextPointer
  readonly #memory: MemoryPointer
  readonly #shared: boolean
  /** Slots, and those that are to become copies of them. */
  readonly #copying = new Map<number, readonly number[]>()

  /** `shared`: a cell can belong to several slots. */
  constructor({ llama }: Native, context: ContextPointer, shared: boolean) {
    this.#llama = llama
    this.#context = context
    this.#memory = llama.getMemory(context)
    this.#shared = shared
  }

  /** Drops all but the first `kept` tokens. False, without a change, if the memory cannot be cut there. */
  forget(slot: number, kept: number): boolean {
    return this.#llama.memorySeqRm(this.#memory, slot, kept, -1)
  }

  clear(slot: number): void {
    this.#llama.memorySeqRm(this.#memory, slot, -1, -1)
  }

  /** Without shared cells, the library makes the copy only at its next computation. */
  copy(from: number, slot: number): void {
    this.#llama.memorySeqCp(this.#memory, from, slot, -1, -1)
    if (!this.#shared) this.#copying.set(from, [...(this.#copying.get(from) ?? []), slot])
  }

  /** The library has computed something. */
  computed(): void {
    this.#copying.clear()
  }

  /** A copy of it is pending: nothing may be restored into it. */
  isToBeCopied(slot: number): boolean {
    return this.#copying.has(slot)
  }

  /** It is the target of a pending copy: there is nothing to save. */
  isToBeFilled(slot: number): boolean {
    return [...this.#copying.values()].some((copies) => copies.includes(slot))
  }

  /** Models with a sliding window drop cells of the start. */
  holdsPrefix(slot: number): boolean {
    return this.#llama.memorySeqPosMin(this.#memory, slot) === 0
  }

  /** In bytes. */
  sizeOf(slot: number): number {
    return this.#llama.stateSeqGetSize(this.#context, slot)
  }

  stateOf(slot: number, root: string, pinned: boolean): SavedState | undefined {
    const size = this.sizeOf(slot)
    const bytes = Buffer.allocUnsafeSlow(size)
    const written = this.#llama.stateSeqGetData(this.#context, bytes, size, slot)
    return written === 0 ? undefined : { root, bytes: bytes.subarray(0, written), pinned }
  }

  /** llama.cpp exports whole sequences only, so the rest is put back. */
  prefixOf(slot: number, length: number, root: string): SavedState | undefined {
    const whole = this.stateOf(slot, root, true)
    if (whole === undefined) return undefined
    this.forget(slot, length)
    const state = this.stateOf(slot, root, true)
    this.putBack(whole, slot)
    return state
  }

  /** The same with shared cells: `empty` holds the prefix temporarily. */
  prefixBy(empty: number, slot: number, length: number, root: string): SavedState | undefined {
    this.copy(slot, empty)
    this.forget(empty, length)
    const state = this.stateOf(empty, root, true)
    this.clear(empty)
    return state
  }

  /** False if the library rejects it as another context's, which can happen with states from disk: the slot is then empty. */
  restore({ bytes }: SavedState, slot: number): boolean {
    this.clear(slot)
    return this.#llama.stateSeqSetData(this.#context, bytes, bytes.length, slot) !== 0
  }

  /** Restores a state exported by this context. */
  putBack(state: SavedState, slot: number): void {
    if (!this.restore(state, slot))
      throw new Error('llama.cpp found no cells for keys and values that it gave')
  }
}
