/** A model from a Hugging Face folder, for a run to begin with. */

import { openSafetensors } from '@hadal/formats'
import {
  checkpointInvalid,
  type ModelConfig,
  type PlannedTensor,
  planCheckpoint,
  weightsMismatch,
} from '@hadal/nn'
import { FileTensor } from './file-tensor.ts'
import type { Weights } from './weights.ts'

export interface ReadModel {
  readonly model: ModelConfig
  /** They stay in the folder, and are read from it when they are needed. */
  readonly startFrom: Weights
}

/**
 * In the form that a run takes: `{ ...readModel(folder), data, ... }`. Throws `nn_checkpoint_invalid` with every issue.
 *
 * @example
 * ```ts
 * import { readModel } from '@hadal/train'
 *
 * const { model, startFrom } = readModel('models/qwen2.5-0.5b') // a folder of Hugging Face
 * console.log(model.hidden_size, startFrom.size)
 * ```
 */
export function readModel(folder: string): ReadModel {
  const { config, tensors, issues } = planCheckpoint(folder)
  if (!config || issues.length > 0) throw checkpointInvalid(folder, issues)
  const startFrom = new Map(
    tensors.map((tensor) => [tensor.name, new FileTensor(tensor.shape, () => plannedValues(tensor))]),
  )
  return { model: config, startFrom }
}

/** Throws `nn_weights_mismatch` if the file has changed, or what opening it throws. */
export function plannedValues({ name, path, type, shape }: PlannedTensor): Float32Array {
  using file = openSafetensors(path)
  const now = file.tensors.get(name)
  if (now?.type !== type || String(now.shape) !== String(shape))
    throw weightsMismatch([`${name} changed in ${path} since the run was defined`])
  return file.readFloats(name)
}
