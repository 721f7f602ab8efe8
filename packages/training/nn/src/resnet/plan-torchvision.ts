/**
 * Identifies torchvision weights: a safetensors file of a residual network's `state_dict`, without a configuration. Tensor names
 * and shapes determine the network. Needs no libtorch.
 */

import { basename, dirname } from 'node:path'
import type { HadalError } from '@hadal/base'
import {
  checkpointDtypeUnsupported,
  checkpointShapeMismatch,
  checkpointTensorMissing,
} from '../checkpoint/errors.ts'
import { loadable, type PlannedTensor } from '../checkpoint/plan-checkpoint.ts'
import { readStoredTensors, type StoredTensors } from '../checkpoint/stored-tensors.ts'
import { invalidModelConfig, weightsMismatch } from '../errors.ts'
import { type ResNetConfig, resNetStem } from './config.ts'
import { resNetIssues } from './issues.ts'
import { resNetTensors } from './tensors.ts'

/** What weights do not contain. */
export interface TorchvisionOptions {
  /** Height and width of images. Default: 224. */
  readonly size?: readonly [height: number, width: number]
  /** Default: torchvision's, which goes with a kernel of 7. */
  readonly stem?: { readonly stride: number; readonly pool: boolean }
}

export interface TorchvisionPlan {
  /** Absent where names and shapes are of no residual network. */
  readonly config: ResNetConfig | undefined
  /** In the order of the model's `state()`. */
  readonly tensors: readonly PlannedTensor[]
  /** Empty when the weights can be loaded. */
  readonly issues: readonly HadalError[]
}

/**
 * Reads the header of a .safetensors file, or of model.safetensors in a folder. Issues are returned; none is thrown.
 *
 * @internal
 */
export function planTorchvision(path: string, options: TorchvisionOptions = {}): TorchvisionPlan {
  const isFile = path.endsWith('.safetensors')
  const stored = isFile ? readStoredTensors(dirname(path), basename(path)) : readStoredTensors(path)
  if (stored.issues.length > 0) return { config: undefined, tensors: [], issues: stored.issues }
  const [first, last] = ['conv1.weight', 'fc.weight'].map((name) => stored.tensors.get(name)?.shape)
  const missing = Object.entries({ 'conv1.weight': first, 'fc.weight': last })
    .filter(([, shape]) => shape === undefined)
    .map(([name]) => checkpointTensorMissing(name, [], stored.expectedIn(name)))
  if (missing.length > 0 || !first || !last) return { config: undefined, tensors: [], issues: missing }
  const kernel = first[2] ?? 0
  if (kernel !== resNetStem.kernel && !options.stem) {
    const unsaid = `conv1.weight is ${kernel} by ${kernel}; set stem: { stride, pool }, which cannot be derived from weights`
    return { config: undefined, tensors: [], issues: [invalidModelConfig([unsaid])] }
  }
  const config = configOf(stored, first, last, options)
  const issues = resNetIssues(config)
  if (issues.length > 0) return { config: undefined, tensors: [], issues: [invalidModelConfig(issues)] }
  return { config, ...match(config, stored) }
}

function configOf(
  { tensors }: StoredTensors,
  [width = 0, channels = 0, kernel = 0]: readonly number[],
  [classes = 0]: readonly number[],
  { size: [height, columns] = [224, 224], stem = resNetStem }: TorchvisionOptions,
): ResNetConfig {
  const blocks = [0, 0, 0, 0] as [number, number, number, number]
  for (const name of tensors.keys()) {
    const [, stage, index] = /^layer([1-4])\.(\d{1,4})\./.exec(name) ?? []
    if (stage !== undefined)
      blocks[Number(stage) - 1] = Math.max(blocks[Number(stage) - 1]!, Number(index) + 1)
  }
  return {
    model_type: 'resnet',
    block: tensors.has('layer1.0.conv3.weight') ? 'bottleneck' : 'basic',
    blocks,
    width,
    input: { channels, height, width: columns },
    classes,
    stem: { kernel, stride: stem.stride, pool: stem.pool },
  }
}

function match(config: ResNetConfig, stored: StoredTensors): Pick<TorchvisionPlan, 'tensors' | 'issues'> {
  const found: PlannedTensor[] = []
  const issues: HadalError[] = []
  const unneeded = new Set(stored.tensors.keys())
  for (const { name, shape } of resNetTensors(config)) {
    unneeded.delete(name)
    const tensor = stored.tensors.get(name)
    if (!tensor) issues.push(checkpointTensorMissing(name, shape, stored.expectedIn(name)))
    else if (String(tensor.shape) !== String(shape))
      issues.push(checkpointShapeMismatch(name, tensor.shape, shape))
    else if (tensor.type in loadable) found.push(tensor as PlannedTensor)
    else issues.push(checkpointDtypeUnsupported(name, tensor.type))
  }
  // PyTorch's batch norms also count batches, which nothing reads. Any other extra tensor would change the computation.
  const strange = [...unneeded].filter((name) => !name.endsWith('.num_batches_tracked'))
  if (strange.length > 0)
    issues.push(weightsMismatch(strange.slice(0, 20).map((name) => `${name} is unknown to the model`)))
  return { tensors: found, issues }
}
