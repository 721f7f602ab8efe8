/** KServe metadata of a tensor model. Pure. */

import type { EngineSnapshot, ModelInfo, TensorModel, TensorSpec } from '@hadal/engine'
import type { ModelMetadata, TensorMetadata } from '@hadal/protocol'
import { datatypeOf } from './datatypes.ts'

/** Each model has exactly one version. */
export const servedVersion = '1'

export const modelMetadata = ({ id }: ModelInfo, tensors: TensorModel): ModelMetadata => ({
  name: id,
  versions: [servedVersion],
  platform: tensors.platform,
  inputs: tensors.inputs.map((spec) => reported(spec, tensors)),
  outputs: tensors.outputs.map((spec) => reported(spec, tensors)),
})

/** The batch dimension is -1: rows are batched and split here, whatever the model's batch size. */
const reported = ({ name, dtype, dims }: TensorSpec, { batching }: TensorModel): TensorMetadata => ({
  name,
  datatype: datatypeOf(dtype),
  shape: dims.map((dim, axis) =>
    typeof dim === 'number' && !(axis === 0 && batching.kind === 'fixed') ? dim : -1,
  ),
})

/** Triton's model configuration as far as it applies; benchmark clients read the maximum batch size. */
export function modelConfiguration(
  { id }: ModelInfo,
  tensors: TensorModel,
  { maxBatchSize }: Pick<EngineSnapshot, 'maxBatchSize'>,
): Readonly<Record<string, unknown>> {
  const hasRows = rowsAreFirst(tensors)
  const configured = ({ name, dtype, dims }: TensorSpec) => ({
    name,
    data_type: dtype === 'string' ? 'TYPE_STRING' : `TYPE_${datatypeOf(dtype)}`,
    dims: dims.slice(hasRows ? 1 : 0).map((dim) => (typeof dim === 'number' ? dim : -1)),
  })
  return {
    name: id,
    platform: tensors.platform,
    backend: 'onnxruntime',
    // In Triton, 0 means that the first dimension is not a batch.
    max_batch_size: hasRows ? maxBatchSize : 0,
    input: tensors.inputs.map(configured),
    output: tensors.outputs.map(configured),
    ...(hasRows && { dynamic_batching: {} }),
    parameters: Object.fromEntries(
      Object.entries(tensors.metadata).map(([key, text]) => [key, { string_value: text }]),
    ),
  }
}

export const rowsAreFirst = ({ batching }: TensorModel): boolean => batching.kind !== 'none'

/** From the model file's `hadal.classes` metadata, if present. */
export function classLabels({ metadata }: TensorModel): readonly string[] | undefined {
  try {
    const labels: unknown = JSON.parse(metadata['hadal.classes'] ?? 'null')
    return Array.isArray(labels) && labels.every((label) => typeof label === 'string') ? labels : undefined
  } catch {
    return undefined
  }
}
