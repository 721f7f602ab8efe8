/** A weight that stays in its file, so that a run takes no memory for what it begins with. Knows nothing about models or files. */

import type { HostTensor } from './weights.ts'

export class FileTensor implements HostTensor {
  readonly shape: readonly number[]
  readonly #read: () => Float32Array

  constructor(shape: readonly number[], read: () => Float32Array) {
    this.shape = shape
    this.#read = read
  }

  /** Read anew each time. Throws what `read` does, such as `nn_weights_mismatch` when the file has changed. */
  get values(): Float32Array {
    return this.#read()
  }
}
