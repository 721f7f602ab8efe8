/** Reads a dual encoder from its folder, in either layout, as a run's initial weights. */

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
  /** Preprocessing of pixels for its image encoder. */
  readonly preprocessing: ClipPreprocessing
}

/**
 * `const { model, startFrom, preprocessing } = readTowers(folder)`. Throws `nn_checkpoint_invalid` with every issue.
 *
 * @example
 * ```ts
 * import { readTowers } from '@hadal/train'
 *
 * const { model, startFrom, preprocessing } = readTowers('models/clip-vit-base-patch32')
 * ```
 */
export function readTowers(folder: string): ReadTowers {
  const { config, tensors, issues, preprocessing } = planClip(folder)
  if (!config || issues.length > 0) throw checkpointInvalid(folder, issues)
  const startFrom = new Map(
    tensors.map((tensor) => [tensor.name, new FileTensor(tensor.shape, () => valuesOf(tensor))]),
  )
  return { model: config, startFrom, preprocessing }
}

/** Throws `nn_weights_mismatch` if the file has changed, or what opening it throws. */
function valuesOf(planned: PlannedClipTensor): Float32Array {
  using file = openSafetensors(planned.stored.path)
  return clipValues(file, planned)
}
