/** Creates parameters and tables, on a chosen device. */

import { type Device, type DType, type Tensor, torch } from '@hadal/tensor'

let device: Device = 'cpu'

/**
 * Creates parameters of modules made inside `build` on `target`, like `torch.device` in PyTorch. On `meta` they have shapes but no
 * memory: a model of any size can be inspected before weights are read.
 *
 * @internal
 */
export function onDevice<Made>(target: Device, build: () => Made): Made {
  const before = device
  device = target
  try {
    return build()
  } finally {
    device = before
  }
}

/** An uninitialised parameter that records gradients. */
export const parameter = (shape: readonly number[], dtype: DType): Tensor =>
  torch.empty([...shape], { dtype, device }).requiresGrad_(true)

const buffers = new WeakSet<Tensor>()

/** An uninitialised tensor that is part of a module's state, though no gradient trains it: see `Module.buffers`. */
export function buffer(shape: readonly number[], dtype: DType = 'float32'): Tensor {
  const made = torch.empty([...shape], { dtype, device })
  buffers.add(made)
  return made
}

export const isBuffer = (tensor: Tensor): boolean => buffers.has(tensor)

/** An fp32 constant that `fill` computes, unless there is no memory to hold it. */
export function constant(shape: readonly number[], fill: (values: Float32Array) => void): Tensor {
  if (device === 'meta') return torch.empty([...shape], { device })
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1))
  fill(values)
  return torch.tensor(values, { shape, device })
}
