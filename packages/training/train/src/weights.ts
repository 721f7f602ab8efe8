/** A model's weights outside libtorch: input of runs and output of exports. */

import type { SavedTensor } from '@hadal/nn'
import { type Tensor, torch } from '@hadal/tensor'

export interface HostTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** fp32 by parameter name, in the model's order. */
export type Weights = ReadonlyMap<string, HostTensor>

/**
 * Copies live fp32 tensors.
 *
 * @example
 * ```ts
 * import { toHost } from '@hadal/train'
 * import { torch } from '@hadal/tensor'
 *
 * toHost(new Map([['w', torch.ones([2, 3])]])).get('w')?.shape // → [ 2, 3 ]
 * ```
 */
export function toHost(tensors: ReadonlyMap<string, Tensor>): Map<string, HostTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array },
    ]),
  )
}

/** Saved fp32 tensors as weights. */
export function asWeights(saved: ReadonlyMap<string, SavedTensor>): Map<string, HostTensor> {
  return new Map([...saved].map(([name, { shape, bytes }]) => [name, { shape, values: floats(bytes) }]))
}

/** Copies if the bytes are not aligned for floats. */
function floats(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, byteLength } = byteAligned(bytes)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}

const byteAligned = (bytes: Uint8Array): Uint8Array => (bytes.byteOffset % 4 === 0 ? bytes : bytes.slice())

/**
 * The tensors belong to the caller's scope.
 *
 * @example
 * ```ts
 * import { fromHost, newestWeights, readModel } from '@hadal/train'
 * import { createModel, loadParameters } from '@hadal/nn'
 *
 * const weights = fromHost(newestWeights('runs/squares')) // tensors of libtorch
 * loadParameters(createModel(readModel('models/base').model).parameters(), weights)
 * ```
 */
export function fromHost(weights: Weights): Map<string, Tensor> {
  return new Map([...weights].map(([name, tensor]) => [name, hostTensor(tensor)]))
}

/** One of them. */
export const hostTensor = ({ shape, values }: HostTensor): Tensor =>
  torch.tensor(values, { shape: [...shape] })
