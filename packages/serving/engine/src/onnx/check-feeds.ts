/** Validates input tensors of a model: names, types, shapes and data sizes. Pure. */

import { countOf, elementCount, type TensorSpec, type TensorValue } from '../tensor-value.ts'
import { tensorInvalid } from './errors.ts'

export interface FeedLimits {
  /** The first dimension may have any size, whatever the model declares: runs are assembled from rows. */
  readonly anyRows?: boolean
}

/** Throws `tensor_invalid` with the index in `given` as its `param`: `[1]`. */
export function checkFeeds(
  given: readonly TensorValue[],
  inputs: readonly TensorSpec[],
  { anyRows = false }: FeedLimits = {},
): void {
  const seen = new Set<string>()
  const sizes = new Map<string, number>()
  for (const [at, tensor] of given.entries()) {
    const refuse = (why: string): never => {
      throw tensorInvalid(tensor.name, why).with({ param: `[${at}]` })
    }
    const spec = inputs.find(({ name }) => name === tensor.name)
    if (spec === undefined)
      refuse(`is no input of the model, which takes ${inputs.map(({ name }) => name).join(', ')}`)
    if (seen.has(tensor.name)) refuse('is given twice')
    seen.add(tensor.name)
    checkTensor(tensor, spec!, anyRows, sizes, refuse)
  }
  const missing = inputs.filter(({ name }) => !seen.has(name))
  if (missing.length > 0)
    throw tensorInvalid(missing[0]!.name, 'is missing: the model takes it').with({ param: '' })
  const rows = new Set(given.map(({ dims }) => dims[0]))
  if (anyRows && rows.size > 1)
    throw tensorInvalid(
      given[0]!.name,
      `has ${given[0]!.dims[0]} rows, where another tensor has ${[...rows][1]}`,
    ).with({ param: '[0]' })
}

function checkTensor(
  tensor: TensorValue,
  spec: TensorSpec,
  anyRows: boolean,
  sizes: Map<string, number>,
  refuse: (why: string) => never,
): void {
  const { dtype, dims } = tensor
  if (dtype !== spec.dtype) refuse(`is of ${dtype}, and the model takes ${spec.dtype}`)
  const wanted = (): string =>
    `[${spec.dims.map((dim) => (typeof dim === 'number' ? dim : dim || '?')).join(', ')}]`
  const shape = `[${dims.join(', ')}]`
  if (dims.length !== spec.dims.length) refuse(`has the shape ${shape}, and the model takes ${wanted()}`)
  for (const [axis, dim] of dims.entries()) {
    // Kernels may be wrong for empty tensors.
    if (!(Number.isSafeInteger(dim) && dim >= 1))
      refuse(`has the shape ${shape}: a dimension must be a whole number of at least 1`)
    const own = spec.dims[axis]!
    if (axis === 0 && anyRows) continue
    if (typeof own === 'number' ? dim !== own : own !== '' && (sizes.get(own) ?? dim) !== dim)
      refuse(
        typeof own === 'number'
          ? `has the shape ${shape}, and the model takes ${wanted()}`
          : `has ${dim} for the dimension ${own}, where another tensor has ${sizes.get(own)}`,
      )
    if (typeof own === 'string' && own !== '') sizes.set(own, dim)
  }
  const [count, expected] = [countOf(tensor), elementCount(dims)]
  if (count !== expected) refuse(`has ${count} elements, where ${shape} has ${expected}`)
}
