/** A model from a Hugging Face folder, for a run to begin with. */

import { checkpointInvalid, type ModelConfig, planCheckpoint } from '@hadal/nn'
import { FileTensor } from './file-tensor.ts'
import type { Weights } from './weights.ts'

export interface ReadModel {
  readonly model: ModelConfig
  /** They stay in the folder, and are read from it when they are needed. */
  readonly startFrom: Weights
}

/** In the form that a run takes: `{ ...readModel(folder), data, ... }`. Throws `nn_checkpoint_invalid` with every fault. */
export function readModel(folder: string): ReadModel {
  const { config, tensors, faults } = planCheckpoint(folder)
  if (!config || faults.length > 0) throw checkpointInvalid(folder, faults)
  return { model: config, startFrom: new Map(tensors.map((tensor) => [tensor.name, new FileTensor(tensor)])) }
}
