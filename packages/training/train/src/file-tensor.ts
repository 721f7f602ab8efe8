/** A weight that stays in its file, so that initial weights take no memory. */

import type { HostTensor } from './weights.ts'

export class FileTensor implements HostTensor {
  readonly shape: readonly number[]
  readonly #read: () => Float32Array

  constructor(shape: readonly number[], read: () => Float32Array) {
    this.shape = shape
    this.#read = read
  }

  /** Read on each access. Throws what `read` does, such as `nn_weights_mismatch` if the file has changed. */
  get values(): Float32Array {
    return this.#read()
  }
}
