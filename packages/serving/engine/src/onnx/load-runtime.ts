/** Loads onnxruntime-node on demand, and explains what to do if it is missing. */

import { createRequire } from 'node:module'
import { messageOf } from '@hadal/base'
import { onnxRuntimeMissing, onnxRuntimeUnusable } from './errors.ts'

/** The used part of its API. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: string | Uint8Array, options: SessionOptions): Promise<OnnxSession>
  }
  readonly Tensor: new (type: string, data: OnnxData, dims: readonly number[]) => OnnxRuntimeTensor
  readonly env: { readonly versions: { readonly node?: string } }
}

export interface SessionOptions {
  readonly intraOpNumThreads: number
  readonly interOpNumThreads: number
  readonly graphOptimizationLevel: 'all' | 'disabled'
  /** 3: errors; 4: fatal errors only. */
  readonly logSeverityLevel: 3 | 4
  readonly extra: Readonly<Record<string, unknown>>
}

export type OnnxData =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array
  | readonly string[]

export interface OnnxRuntimeTensor {
  readonly type: string
  readonly dims: readonly number[]
  readonly data: OnnxData
}

export interface OnnxSession {
  readonly inputMetadata: readonly OnnxValueMetadata[]
  readonly outputMetadata: readonly OnnxValueMetadata[]
  run(
    feeds: Readonly<Record<string, OnnxRuntimeTensor>>,
    fetches: readonly string[],
    options?: { readonly logSeverityLevel?: number },
  ): Promise<Readonly<Record<string, OnnxRuntimeTensor>>>
  release(): Promise<void>
}

export interface OnnxValueMetadata {
  readonly name: string
  readonly isTensor: boolean
  readonly type?: string
  readonly shape?: readonly (number | string)[]
}

/** The first version with types, named free dimensions and float16 outputs. */
const least: readonly [major: number, minor: number] = [1, 22]

const require = createRequire(import.meta.url)

/** Throws `onnx_runtime_missing` and `onnx_runtime_unusable`. `name` is for tests. */
export function loadOnnxRuntime(name = 'onnxruntime-node'): OnnxRuntime {
  let runtime: OnnxRuntime
  try {
    runtime = require(name) as OnnxRuntime
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    // The package may exist while one of its dependencies does not.
    if (code === 'MODULE_NOT_FOUND' && messageOf(thrown).includes(`'${name}'`)) throw onnxRuntimeMissing()
    throw onnxRuntimeUnusable(messageOf(thrown)).with({ cause: thrown })
  }
  const version = runtime.env?.versions?.node
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  if (!(major > least[0] || (major === least[0] && minor >= least[1])))
    throw onnxRuntimeUnusable(`version ${version ?? 'unknown'} is older than ${least.join('.')}`)
  return runtime
}
