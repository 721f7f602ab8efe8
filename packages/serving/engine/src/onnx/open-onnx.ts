/**
 * Runs an ONNX model in the current process, for tests and scripts. Serving uses a separate process instead (`onnx-engine.ts`).
 *
 *     await using model = await openOnnx('model.onnx')
 *     const { logits } = await model.run({ input: { dtype: 'float32', dims: [1, 784], data: pixels } })
 */

import { physicalCores } from '../llama/physical-cores.ts'
import type { TensorDtype, TensorSpec, TensorValue } from '../tensor-value.ts'
import { checkFeeds } from './check-feeds.ts'
import { dataOf, elementsOf } from './element-arrays.ts'
import { tensorInvalid } from './errors.ts'
import { type OnnxFileFacts, readFileFacts } from './file-facts.ts'
import type { OnnxData } from './load-runtime.ts'
import { openSession } from './open-session.ts'

/** `data` is the JavaScript array type of `dtype`; float16 bits are in a Uint16Array, bool bytes in a Uint8Array. */
export interface OnnxTensor {
  readonly dtype: TensorDtype
  readonly dims: readonly number[]
  readonly data: OnnxData
}

export interface OpenOnnxOptions {
  /** Per run; the number of physical cores by default. */
  readonly threads?: number
  /** Whether the graph is optimised (nodes fused and folded); true by default. */
  readonly optimize?: boolean
}

export interface OpenedOnnx extends AsyncDisposable {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>
  /** The version of onnxruntime-node. */
  readonly runtimeVersion: string
  /** Returns all outputs, or the named ones. Throws `tensor_invalid` and `inference_failed`. One run at a time. */
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    outputs?: readonly string[],
  ): Promise<Readonly<Record<string, OnnxTensor>>>
  close(): Promise<void>
}

/** Throws `onnx_runtime_missing`, `onnx_runtime_unusable` and `onnx_model_unusable`. */
export async function openOnnx(
  model: string | Uint8Array,
  { threads = physicalCores() ?? 1, optimize = true }: OpenOnnxOptions = {},
): Promise<OpenedOnnx> {
  const session = await openSession(model, { threads, optimize })
  const facts: OnnxFileFacts = readFileFacts(model)
  return {
    inputs: session.inputs,
    outputs: session.outputs,
    metadata: facts.metadata,
    runtimeVersion: session.runtimeVersion,
    async run(feeds, outputs = session.outputs.map(({ name }) => name)) {
      const given: TensorValue[] = Object.entries(feeds).map(([name, { dtype, dims, data }]) => ({
        name,
        dtype,
        dims,
        data: dataOf(data),
      }))
      checkFeeds(given, session.inputs)
      for (const name of outputs)
        if (!session.outputs.some((output) => output.name === name))
          throw tensorInvalid(name, 'is no output of the model')
      const found = await session.run(given, outputs)
      return Object.fromEntries(
        found.map((value) => [value.name, { dtype: value.dtype, dims: value.dims, data: elementsOf(value) }]),
      )
    },
    close: () => session.close(),
    [Symbol.asyncDispose]: () => session.close(),
  }
}
