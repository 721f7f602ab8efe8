/** Loads a Hugging Face checkpoint folder into the model that its config.json describes, one tensor at a time. */

import { openSafetensors } from '@hadal/formats'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { weightsMismatch } from '../errors.ts'
import { createModel, type LanguageModel } from '../language-model.ts'
import { checkpointInvalid, checkpointValueTooLarge } from './errors.ts'
import {
  type CheckpointOptions,
  type CheckpointPlan,
  loadable,
  type PlannedTensor,
  planCheckpoint,
} from './plan-checkpoint.ts'

export interface LoadedCheckpoint {
  /** Its tensors belong to the caller's scope. */
  readonly model: LanguageModel
  readonly plan: CheckpointPlan
}

/**
 * Throws `nn_checkpoint_invalid` with every issue of the plan before memory is allocated, `nn_checkpoint_value_too_large`, or what
 * `readCheckpointWeights` throws; the parameters are freed then.
 *
 * @example
 * ```ts
 * import { loadCheckpoint } from '@hadal/nn'
 *
 * const { model, plan } = loadCheckpoint('models/qwen2.5-0.5b', { dtype: 'bfloat16' }) // config.json and safetensors
 * console.log(plan.bytes.parameters)
 * ```
 */
export function loadCheckpoint(folder: string, options: CheckpointOptions = {}): LoadedCheckpoint {
  const plan = planCheckpoint(folder, options)
  const { config, issues, dtype } = plan
  if (!config || issues.length > 0) throw checkpointInvalid(folder, issues)
  const model = createModel(config, dtype)
  const parameters = model.parameters()
  try {
    readCheckpointWeights(plan, parameters)
  } catch (error) {
    for (const parameter of parameters.values()) parameter.free()
    throw error
  }
  return { model, plan }
}

/**
 * Copies the weights of a plan into `parameters` by name, each in its own dtype: a model's own, or the masters of a bf16 model.
 * Throws `nn_checkpoint_invalid` for an invalid plan and `nn_weights_mismatch` before anything is written;
 * `tensor_file_unreadable`, `safetensors_invalid` or `nn_weights_mismatch` if files have changed since the plan.
 *
 * @internal
 */
export function readCheckpointWeights(plan: CheckpointPlan, parameters: ReadonlyMap<string, Tensor>): void {
  if (plan.issues.length > 0) throw checkpointInvalid(plan.folder, plan.issues)
  const issues = misfits(plan.tensors, parameters)
  if (issues.length > 0) throw weightsMismatch(issues)
  for (const [path, tensors] of byFile(plan.tensors)) {
    using file = openSafetensors(path)
    for (const planned of tensors) {
      const { name, type, shape } = planned
      const now = file.tensors.get(name)
      if (now?.type !== type || String(now.shape) !== String(shape))
        throw weightsMismatch([`${name} changed in ${path} during loading`])
      write(parameters.get(name)!, planned, file.read(name))
    }
  }
}

function write(parameter: Tensor, { name, type, shape }: PlannedTensor, bytes: Uint8Array): void {
  noGrad(() =>
    scope(() => {
      parameter.copy_(torch.fromBytes(bytes, loadable[type], shape))
      // bf16 and fp32 reach far beyond the 65504 of float16.
      if (parameter.dtype === 'float16' && type !== 'F16' && parameter.isfinite().all().item() !== true)
        throw checkpointValueTooLarge(name, type)
    }),
  )
}

function misfits(tensors: readonly PlannedTensor[], parameters: ReadonlyMap<string, Tensor>): string[] {
  const issues: string[] = []
  const planned = new Set(tensors.map(({ name }) => name))
  for (const name of parameters.keys()) if (!planned.has(name)) issues.push(`${name} is missing`)
  for (const { name, shape } of tensors) {
    const parameter = parameters.get(name)
    if (!parameter) issues.push(`${name} is unknown to the model`)
    else if (String(parameter.shape) !== String(shape))
      issues.push(
        `${name} has shape [${shape.join(', ')}]; the model expects [${parameter.shape.join(', ')}]`,
      )
  }
  return issues
}

/** Each file is opened once and read from front to back. */
function byFile(tensors: readonly PlannedTensor[]): Map<string, PlannedTensor[]> {
  const files = new Map<string, PlannedTensor[]>()
  for (const tensor of [...tensors].sort((a, b) => a.offset - b.offset)) {
    const file = files.get(tensor.path)
    if (file) file.push(tensor)
    else files.set(tensor.path, [tensor])
  }
  return files
}
