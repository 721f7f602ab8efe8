/** Plans the loading of a checkpoint folder and finds every issue before a weight is read or memory allocated. Needs no libtorch. */

import type { HadalError } from '@hadal/base'
import type { SafetensorsTensor } from '@hadal/formats'
import type { ModelConfig } from '../model-config.ts'
import { checkpointDtypeUnsupported, checkpointShapeMismatch, checkpointTensorMissing } from './errors.ts'
import { readModelConfig, rotaryBytes } from './read-model-config.ts'
import { asIssue, readConfigJson, readStoredTensors, type StoredTensors } from './stored-tensors.ts'
import { wantedTensors } from './wanted-tensors.ts'

/** Dtypes a model's parameters can be loaded as. */
export type ParameterDtype = 'float32' | 'float16' | 'bfloat16'

/** Stored types that can be loaded. */
export const loadable = { F32: 'float32', F16: 'float16', BF16: 'bfloat16' } as const

export interface PlannedTensor extends SafetensorsTensor {
  readonly type: keyof typeof loadable
}

export interface CheckpointBytes {
  /** The model's parameters in the wanted dtype. */
  readonly parameters: number
  /** The model's tables of rotary positions. */
  readonly rotaryTables: number
  /** Read from files, one tensor at a time. */
  readonly read: number
  /** The largest of them: up to two extra copies of it exist while the model is read. */
  readonly largestRead: number
}

export interface CheckpointPlan {
  readonly folder: string
  readonly dtype: ParameterDtype
  /** Absent when config.json does not give one. */
  readonly config: ModelConfig | undefined
  /** Tensors to read, in the order of the model's parameters. */
  readonly tensors: readonly PlannedTensor[]
  /** Tensors in the files that the model has no use for; not read. */
  readonly unneeded: readonly string[]
  readonly bytes: CheckpointBytes
  /** Empty when the checkpoint can be loaded. */
  readonly issues: readonly HadalError[]
}

export interface CheckpointOptions {
  /** Dtype of the model's parameters, regardless of the files. Default: float32. */
  readonly dtype?: ParameterDtype
}

/**
 * Reads config.json and the headers of `folder`. Issues are returned, each with its own code; none is thrown.
 *
 * @internal
 */
export function planCheckpoint(
  folder: string,
  { dtype = 'float32' }: CheckpointOptions = {},
): CheckpointPlan {
  const stored = readStoredTensors(folder)
  const nothing = { tensors: [], unneeded: [], bytes: noBytes }
  try {
    const config = readModelConfig(readConfigJson(folder))
    const { issues, ...matched } = matchTensors(config, stored, dtype)
    return { folder, dtype, config, ...matched, issues: [...stored.issues, ...issues] }
  } catch (error) {
    const issues = [asIssue(error), ...stored.issues]
    return { folder, dtype, config: undefined, ...nothing, issues }
  }
}

const noBytes: CheckpointBytes = { parameters: 0, rotaryTables: 0, read: 0, largestRead: 0 }

/** With more missing tensors than this, config.json belongs to another model, or describes one larger than any machine holds. */
const maxMissing = 10_000

type Matched = Pick<CheckpointPlan, 'tensors' | 'unneeded' | 'bytes' | 'issues'>

function matchTensors(config: ModelConfig, stored: StoredTensors, dtype: ParameterDtype): Matched {
  const tensors: PlannedTensor[] = []
  const issues: HadalError[] = []
  const unneeded = new Set(stored.tensors.keys())
  let parameters = 0
  let absent = 0
  for (const { name, shape, alwaysFloat32 } of wantedTensors(config)) {
    const bytesPerValue = alwaysFloat32 || dtype === 'float32' ? 4 : 2
    parameters += shape.reduce((product, size) => product * size, bytesPerValue)
    unneeded.delete(name)
    const tensor = stored.tensors.get(name)
    if (!tensor) {
      if (!stored.outOfSight(name)) issues.push(checkpointTensorMissing(name, shape, stored.expectedIn(name)))
      absent += 1
      if (absent === maxMissing) break
      continue
    }
    const fits = String(tensor.shape) === String(shape)
    if (!fits) issues.push(checkpointShapeMismatch(name, tensor.shape, shape))
    if (!isLoadable(tensor)) issues.push(checkpointDtypeUnsupported(name, tensor.type))
    else if (fits) tensors.push(tensor)
  }
  const sizes = tensors.map(({ byteLength }) => byteLength)
  const bytes = {
    parameters,
    rotaryTables: rotaryBytes(config),
    read: sizes.reduce((sum, size) => sum + size, 0),
    largestRead: sizes.reduce((most, size) => Math.max(most, size), 0),
  }
  return { tensors, unneeded: [...unneeded], bytes, issues }
}

const isLoadable = (tensor: SafetensorsTensor): tensor is PlannedTensor => tensor.type in loadable
