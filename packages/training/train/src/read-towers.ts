/** A model with two towers from its folder, in either layout, for a run to begin with. */

import { openSafetensors } from '@hadal/formats'
import {
  type ClipConfig,
  type ClipPreprocessing,
  checkpointInvalid,
  clipValues,
  type PlannedClipTensor,
  planClip,
} from '@hadal/nn'
import { FileTensor } from './file-tensor.ts'
import type { Weights } from './weights.ts'

export interface ReadTowers {
  readonly model: ClipConfig
  /** They stay in the folder, and are read from it when they are needed. */
  readonly startFrom: Weights
  /** How pixels come to be what its image tower reads. */
  readonly preprocessing: ClipPreprocessing
}

/**
 * `const { model, startFrom, preprocessing } = readTowers(folder)`. Throws `nn_checkpoint_invalid` with every fault.
 *
 * @example
 * ```ts
 * import { readTowers } from '@hadal/train'
 *
 * const { model, startFrom, preprocessing } = readTowers('models/clip-vit-base-patch32')
 * ```
 */
export function readTowers(folder: string): ReadTowers {
  const { config, tensors, faults, preprocessing } = planClip(folder)
  if (!config || faults.length > 0) throw checkpointInvalid(folder, faults)
  const startFrom = new Map(
    tensors.map((tensor) => [tensor.name, new FileTensor(tensor.shape, () => valuesOf(tensor))]),
  )
  return { model: config, startFrom, preprocessing }
}

/** Throws `nn_weights_mismatch` when the file has changed, or what opening it throws. */
function valuesOf(planned: PlannedClipTensor): Float32Array {
  using file = openSafetensors(planned.stored.path)
  return clipValues(file, planned)
}
