/** A model's weights outside libtorch: what checkpoints hold, runs begin with and exports write. */

import { type Tensor, torch } from '@hadal/tensor'

export interface HostTensor {
  readonly shape: readonly number[]
  readonly values: Float32Array
}

/** fp32 by parameter name, in the model's order. */
export type Weights = ReadonlyMap<string, HostTensor>

export function toHost(tensors: ReadonlyMap<string, Tensor>): Map<string, HostTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => [
      name,
      { shape: tensor.shape, values: tensor.toTypedArray() as Float32Array },
    ]),
  )
}

/** The tensors belong to the caller's scope. */
export function fromHost(weights: Weights): Map<string, Tensor> {
  return new Map(
    [...weights].map(([name, { shape, values }]) => [name, torch.tensor(values, { shape: [...shape] })]),
  )
}
