/** Loads a dual encoder's folder, one tensor at a time. */

import { openSafetensors, type Safetensors } from '@hadal/formats'
import { noGrad, scope, type Tensor, torch } from '@hadal/tensor'
import { checkpointInvalid, checkpointValueTooLarge } from '../checkpoint/errors.ts'
import type { CheckpointOptions } from '../checkpoint/plan-checkpoint.ts'
import { weightsMismatch } from '../errors.ts'
import { Clip } from './model.ts'
import { type ClipPlan, type PlannedClipTensor, planClip } from './plan-clip.ts'
import { transposed } from './transposed.ts'

export interface LoadedClip {
  /** Its tensors belong to the caller's scope. */
  readonly model: Clip
  readonly plan: ClipPlan
}

/**
 * Throws `nn_checkpoint_invalid` with every issue of the plan before memory is allocated, `nn_checkpoint_value_too_large`, or what
 * `readClipWeights` throws; the parameters are freed then.
 *
 * @example
 * ```ts
 * import { clipParameterCount, loadClip } from '@hadal/nn'
 *
 * const { model } = loadClip('models/clip-vit-base-patch32', { dtype: 'float32' })
 * console.log(clipParameterCount(model.config).total)
 * ```
 */
export function loadClip(folder: string, options: CheckpointOptions = {}): LoadedClip {
  const plan = planClip(folder, options)
  if (!plan.config || plan.issues.length > 0) throw checkpointInvalid(folder, plan.issues)
  const model = new Clip(plan.config, plan.dtype)
  const state = model.state()
  try {
    readClipWeights(plan, state)
  } catch (error) {
    for (const tensor of state.values()) tensor.free()
    throw error
  }
  return { model, plan }
}

/**
 * Copies the weights of a plan into `state` by name, each in its own dtype; names missing from `state` are skipped. Throws
 * `nn_checkpoint_invalid` for an invalid plan; `tensor_file_unreadable`, `safetensors_invalid` or `nn_weights_mismatch` if files
 * have changed since the plan.
 */
export function readClipWeights(plan: ClipPlan, state: ReadonlyMap<string, Tensor>): void {
  if (plan.issues.length > 0) throw checkpointInvalid(plan.folder, plan.issues)
  for (const path of new Set(plan.tensors.map(({ stored }) => stored.path))) {
    using file = openSafetensors(path)
    for (const planned of plan.tensors) {
      const tensor = state.get(planned.name)
      if (tensor && planned.stored.path === path) write(tensor, planned, clipValues(file, planned))
    }
  }
}

function write(tensor: Tensor, { name, shape, stored }: PlannedClipTensor, values: Float32Array): void {
  noGrad(() =>
    scope(() => {
      tensor.copy_(torch.tensor(values, { shape }))
      if (tensor.dtype === 'float16' && stored.type !== 'F16' && tensor.isfinite().all().item() !== true)
        throw checkpointValueTooLarge(name, stored.type)
    }),
  )
}

/**
 * The values of a model tensor, extracted from its stored tensor. Throws `nn_weights_mismatch` if the file has changed.
 *
 * @internal
 */
export function clipValues(file: Safetensors, { place, shape, stored }: PlannedClipTensor): Float32Array {
  const { name, path, type } = stored
  const now = file.tensors.get(name)
  if (now?.type !== type || String(now.shape) !== String(stored.shape))
    throw weightsMismatch([`${name} changed in ${path} during loading`])
  const values = file.readFloats(name)
  if (place.transposed) return transposed(values, place.shape as [number, number])
  if (place.firstRow === undefined) return values
  const count = shape.reduce((product, size) => product * size, 1)
  const begin = (place.firstRow / shape[0]!) * count
  return values.subarray(begin, begin + count)
}
