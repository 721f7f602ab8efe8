/** The memory of the batches passed to `llama_decode`: allocated once, outside V8's heap, so its addresses stay valid. */

import koffi from 'koffi'
import type { NativeBatch } from '../structs.ts'

export class Batch {
  readonly capacity: number
  readonly native: NativeBatch
  readonly #tokens: Int32Array
  readonly #positions: Int32Array
  readonly #sequences: Int32Array
  readonly #wanted: Int8Array
  /** `native` refers to these by address only: the fields protect them from garbage collection. */
  readonly #sequenceCounts: Int32Array
  readonly #sequencePointers: BigUint64Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.#tokens = new Int32Array(new ArrayBuffer(capacity * 4))
    this.#positions = new Int32Array(new ArrayBuffer(capacity * 4))
    this.#sequences = new Int32Array(new ArrayBuffer(capacity * 4))
    this.#wanted = new Int8Array(new ArrayBuffer(capacity))
    this.#sequenceCounts = new Int32Array(new ArrayBuffer(capacity * 4)).fill(1)
    this.#sequencePointers = new BigUint64Array(new ArrayBuffer(capacity * 8))
    const sequences = koffi.address(this.#sequences)
    for (let row = 0; row < capacity; row += 1) this.#sequencePointers[row] = sequences + BigInt(row * 4)
    this.native = {
      n_tokens: 0,
      token: koffi.address(this.#tokens),
      embd: null,
      pos: koffi.address(this.#positions),
      n_seq_id: koffi.address(this.#sequenceCounts),
      seq_id: koffi.address(this.#sequencePointers),
      logits: koffi.address(this.#wanted),
    }
  }

  clear(): void {
    this.native.n_tokens = 0
  }

  /** Appends a row and returns its index. Throws beyond `capacity` rows, which would abort the process. */
  add(token: number, position: number, sequence: number, wantLogits: boolean): number {
    const row = this.native.n_tokens
    if (row >= this.capacity) throw new RangeError(`a batch holds ${this.capacity} rows`)
    this.#tokens[row] = token
    this.#positions[row] = position
    this.#sequences[row] = sequence
    this.#wanted[row] = wantLogits ? 1 : 0
    this.native.n_tokens = row + 1
    return row
  }
}
