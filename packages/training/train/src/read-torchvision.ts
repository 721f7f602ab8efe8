/** Weights of torchvision's residual networks, for a run to begin with. */

import { checkpointInvalid, planTorchvision, type ResNetConfig, type TorchvisionOptions } from '@hadal/nn'
import { FileTensor } from './file-tensor.ts'
import { plannedValues } from './read-model.ts'
import type { Weights } from './weights.ts'

export interface ReadTorchvision {
  readonly model: ResNetConfig
  /** They stay in the file, and are read from it when they are needed. */
  readonly startFrom: Weights
}

/**
 * `{ ...readTorchvision('resnet50.safetensors'), data, ... }`: infers the network from names and shapes of a `state_dict`. Throws
 * `nn_checkpoint_invalid` with every issue.
 *
 * @example
 * ```ts
 * import { readTorchvision } from '@hadal/train'
 *
 * const { model, startFrom } = readTorchvision('resnet50.safetensors')
 * console.log(model.blocks, startFrom.size)
 * ```
 */
export function readTorchvision(path: string, options: TorchvisionOptions = {}): ReadTorchvision {
  const { config, tensors, issues } = planTorchvision(path, options)
  if (!config || issues.length > 0) throw checkpointInvalid(path, issues)
  const startFrom = new Map(
    tensors.map((tensor) => [tensor.name, new FileTensor(tensor.shape, () => plannedValues(tensor))]),
  )
  return { model: config, startFrom }
}
