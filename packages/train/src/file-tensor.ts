/** A weight that stays in its file, so that a run takes no memory for what it begins with. Knows nothing about models. */

import { openSafetensors } from '@hadal/formats'
import { type PlannedTensor, weightsMismatch } from '@hadal/nn'
import type { HostTensor } from './weights.ts'

export class FileTensor implements HostTensor {
  readonly shape: readonly number[]
  readonly #planned: PlannedTensor

  constructor(planned: PlannedTensor) {
    this.shape = planned.shape
    this.#planned = planned
  }

  /** Read anew each time. Throws `nn_weights_mismatch` when the file has changed, or what opening it throws. */
  get values(): Float32Array {
    const { name, path, type, shape } = this.#planned
    using file = openSafetensors(path)
    const now = file.tensors.get(name)
    if (now?.type !== type || String(now.shape) !== String(shape))
      throw weightsMismatch([`${name} is no longer what it was in ${path} when the run was defined`])
    return file.readFloats(name)
  }
}
