/** The session of an ONNX model in this process, with its inputs and outputs. */

import { messageOf } from '@hadal/base'
import type { TensorDtype, TensorSpec, TensorValue } from '../tensor-value.ts'
import { elementsOf, isTensorDtype, tensorOf } from './element-arrays.ts'
import { inferenceFailed, onnxModelUnusable } from './errors.ts'
import {
  loadOnnxRuntime,
  type OnnxRuntime,
  type OnnxRuntimeTensor,
  type OnnxSession,
  type OnnxValueMetadata,
} from './load-runtime.ts'

export interface SessionChoice {
  /** Threads per run. */
  readonly threads: number
  /** Whether nodes are fused and folded; false keeps the graph as written. */
  readonly optimize: boolean
}

export interface OpenSession {
  readonly runtimeVersion: string
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** Throws `inference_failed`. */
  run(feeds: readonly TensorValue[], outputs: readonly string[]): Promise<TensorValue[]>
  close(): Promise<void>
}

/**
 * Throws `onnx_runtime_missing`, `onnx_runtime_unusable` and `onnx_model_unusable`. `name` is used in errors for a model in
 * memory.
 */
export async function openSession(
  model: string | Uint8Array,
  { threads, optimize }: SessionChoice,
  name: string = typeof model === 'string' ? model : 'the model',
): Promise<OpenSession> {
  const runtime = loadOnnxRuntime()
  const session = await create(runtime, model, threads, optimize, name)
  const specs = (metadata: readonly OnnxValueMetadata[]): TensorSpec[] =>
    metadata.map((each) => specOf(each, name))
  return {
    runtimeVersion: runtime.env.versions.node ?? 'unknown',
    inputs: specs(session.inputMetadata),
    outputs: specs(session.outputMetadata),
    async run(feeds, outputs) {
      const given: Record<string, OnnxRuntimeTensor> = {}
      for (const feed of feeds) given[feed.name] = new runtime.Tensor(feed.dtype, elementsOf(feed), feed.dims)
      try {
        const found = await session.run(given, outputs, { logSeverityLevel: 4 })
        return outputs.map((output) => tensorOf(output, found[output]!))
      } catch (thrown) {
        throw inferenceFailed(firstLine(messageOf(thrown))).with({ cause: thrown })
      }
    },
    close: () => session.release(),
  }
}

async function create(
  { InferenceSession }: OnnxRuntime,
  model: string | Uint8Array,
  threads: number,
  optimize: boolean,
  name: string,
): Promise<OnnxSession> {
  try {
    return await InferenceSession.create(model, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: optimize ? 'all' : 'disabled',
      logSeverityLevel: 4,
      // Without it, CPUs without VNNI saturate sums of uint8 times int8.
      extra: { session: { x64quantprecision: '1' } },
    })
  } catch (thrown) {
    throw onnxModelUnusable(name, whyNot(messageOf(thrown))).with({ cause: thrown })
  }
}

/** The runtime's message, without the path that the error already contains. */
function whyNot(message: string): string {
  const why = message
    .replace(/^Load model from .*? failed: ?/s, '')
    .trim()
    // The runtime's source location: file, line and function.
    .replace(/^\/\S+:\d+ [^()]*\([^()]*\)(?: const)? /, '')
  if (/protobuf parsing failed/i.test(why)) return 'it is no ONNX model, or a damaged one'
  const type = /^Unsupported data type: (\d+)$/.exec(why)?.[1]
  if (type !== undefined)
    return `an input or output has a type that onnxruntime-node does not carry: ${onnxTypes[type] ?? `number ${type} of ONNX`}`
  return why
}

/** Types in TensorProto.DataType that the runtime reads in a model but does not return. */
const onnxTypes: Readonly<Record<string, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
}

/** The other lines of a runtime message are its stack trace. */
const firstLine = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .slice(0, 500)

function specOf({ name, isTensor, type = '', shape = [] }: OnnxValueMetadata, model: string): TensorSpec {
  if (!isTensor) throw onnxModelUnusable(model, `${JSON.stringify(name)} is a sequence or a map, no tensor`)
  if (!isTensorDtype(type))
    throw onnxModelUnusable(model, `${JSON.stringify(name)} is of ${type}, which is not served`)
  return { name, dtype: type satisfies TensorDtype, dims: shape }
}
