/** Tensor inference of the fake engine: validates inputs like a real one and returns zeros of the declared shapes. */

import type { Inference, InferRequest } from './engine.ts'
import { checkFeeds } from './onnx/check-feeds.ts'
import { tensorInvalid } from './onnx/errors.ts'
import {
  elementBytes,
  elementCount,
  type TensorModel,
  type TensorSpec,
  type TensorValue,
} from './tensor-value.ts'

/** Throws `tensor_invalid`. */
export function fakeInference(
  { inputs: specs, outputs, batching }: TensorModel,
  { inputs, outputs: wanted = outputs.map(({ name }) => name) }: Pick<InferRequest, 'inputs' | 'outputs'>,
): Inference {
  checkFeeds(inputs, specs, { anyRows: batching.kind !== 'none' })
  const sizes = new Map<string, number>()
  for (const { name, dims } of inputs)
    for (const [axis, dim] of specs.find((spec) => spec.name === name)!.dims.entries())
      if (typeof dim === 'string') sizes.set(dim, dims[axis]!)
  const rows = inputs[0]?.dims[0] ?? 1
  return {
    outputs: wanted.map((name) => {
      const spec = outputs.find((output) => output.name === name)
      if (spec === undefined)
        throw tensorInvalid(name, 'is no output of the model').with({ param: 'outputs' })
      return zeros(spec, batching.kind === 'none' ? undefined : rows, sizes)
    }),
    times: { inputMillis: 0, inferMillis: 0, outputMillis: 0 },
  }
}

function zeros(
  { name, dtype, dims }: TensorSpec,
  rows: number | undefined,
  sizes: ReadonlyMap<string, number>,
): TensorValue {
  const shape = dims.map((dim, axis) =>
    axis === 0 && rows !== undefined ? rows : typeof dim === 'number' ? dim : (sizes.get(dim) ?? 1),
  )
  const count = elementCount(shape)
  return {
    name,
    dtype,
    dims: shape,
    data: dtype === 'string' ? Array<string>(count).fill('') : new Uint8Array(count * elementBytes[dtype]),
  }
}
