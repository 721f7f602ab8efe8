/** Calls `llama_decode`: rows are added and computed together, and those requested output logits. */

import { availableParallelism } from 'node:os'
import type { Clock } from '@hadal/base'
import koffi from 'koffi'
import type { ContextPointer } from '../binding.ts'
import { Batch } from './batch.ts'
import type { LoadedModel } from './open-generator.ts'
import { processorTimes } from './processor-times.ts'
import { ThreadGovernor } from './thread-governor.ts'
import type { Rows } from './token-chooser.ts'

export class Decoder implements Rows {
  readonly context: ContextPointer
  readonly #model: LoadedModel
  readonly #clock: Clock
  readonly #onThreads: (threads: number) => void
  readonly #batch: Batch
  readonly #governor: ThreadGovernor
  #nativeMillis = 0

  /** At most `capacity` rows. `onThreads` is called when the number of compute threads changes. */
  constructor(model: LoadedModel, capacity: number, clock: Clock, onThreads: (threads: number) => void) {
    this.context = model.context
    this.#model = model
    this.#clock = clock
    this.#onThreads = onThreads
    this.#batch = new Batch(capacity)
    this.#governor = new ThreadGovernor(model.threads, availableParallelism(), model.loadedFrom)
  }

  get capacity(): number {
    return this.#batch.capacity
  }

  /** In the current call. */
  get rows(): number {
    return this.#batch.native.n_tokens
  }

  /** Starts a new call. */
  begin(): void {
    this.#batch.clear()
  }

  /** Returns the row index. */
  add(token: number, position: number, slot: number, wantLogits: boolean): number {
    return this.#batch.add(token, position, slot, wantLogits)
  }

  /** Computes the added rows. */
  run(): void {
    const { native, context } = this.#model
    this.#govern()
    const begin = this.#clock.now()
    const result = native.llama.decode(context, this.#batch.native)
    this.#nativeMillis += this.#clock.now() - begin
    // Cells are reserved and every row is checked, so this is a bug or a hardware error: restart.
    if (result !== 0) throw new Error(`llama_decode returned ${result}`)
  }

  /** Time in the library's computation since the last call of this method. */
  takeNativeMillis(): number {
    const millis = this.#nativeMillis
    this.#nativeMillis = 0
    return millis
  }

  /** Valid until the next call. */
  logits(row: number): Float32Array {
    const { native, context, vocabulary } = this.#model
    const pointer = native.llama.getLogitsIth(context, row)
    if (pointer === null) throw new Error(`row ${row} has no logits`)
    return new Float32Array(koffi.view(pointer, vocabulary.size * 4))
  }

  #govern(): void {
    const now = this.#clock.now()
    if (!this.#governor.isDue(now)) return
    this.#governor.decide(processorTimes(now))
    const { threads } = this.#governor
    this.#model.native.llama.setNThreads(this.context, threads, threads)
    this.#onThreads(threads)
  }
}
