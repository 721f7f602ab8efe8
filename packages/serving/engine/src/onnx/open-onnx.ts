/**
 * An ONNX model in this very process, for proofs and for scripts: what it takes and gives, and a run of it. What is served runs in
 * a process of its own instead (`onnx-engine.ts`).
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

/** `data` is of the array that JavaScript has for `dtype`; bits of float16 in a Uint16Array, bytes of bool in a Uint8Array. */
export interface OnnxTensor {
  readonly dtype: TensorDtype
  readonly dims: readonly number[]
  readonly data: OnnxData
}

export interface OpenOnnxOptions {
  /** Of one run; the physical cores by default. */
  readonly threads?: number
  /** Whether nodes are fused and folded before they run; true by default. */
  readonly optimize?: boolean
}

export interface OpenedOnnx extends AsyncDisposable {
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** `metadata_props`. */
  readonly metadata: Readonly<Record<string, string>>
  /** Of onnxruntime-node. */
  readonly runtimeVersion: string
  /** All outputs, or those that are named. Throws `tensor_invalid` and `inference_failed`. One run at a time. */
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
