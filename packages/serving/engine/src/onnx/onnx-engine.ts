/**
 * An ONNX model behind the `Engine` interface: the line, the restarts and the watch over a silent process are those of llama.cpp's
 * engine, in front of a program that computes tensors with onnxruntime (`process/main.ts`). Here no runtime is loaded.
 */

import { programEntry } from '@hadal/base'
import type { Engine } from '../engine.ts'
import { createLlamaEngine } from '../llama/llama-engine.ts'
import type { LlamaEngineOptions } from '../llama/options.ts'

export interface OnnxEngineOptions
  extends Pick<
    LlamaEngineOptions,
    /** As clients name it; the file's name without `.onnx` by default. */
    | 'modelId'
    /** Rows of a run. */
    | 'maxBatchSize'
    /** How long an idle model waits for rows of others. */
    | 'timeoutMicros'
    | 'maxQueue'
    /** Of a run. */
    | 'threads'
    /** Rows are the same bits in any company, or requests are computed one by one. */
    | 'batchInvariant'
    /** Made-up rows are computed before the model is ready, alone and together: `probe-batching.ts`. */
    | 'preload'
    | 'standby'
    | 'priorityAgingMillis'
    | 'clientWeights'
    | 'stallTimeoutMillis'
    | 'program'
    | 'logger'
    | 'clock'
  > {
  readonly path: string
}

/** Starts the process at once; `ready()` tells whether it came up. Throws `llama_option_invalid`. */
export function createOnnxEngine({ path, ...options }: OnnxEngineOptions): Engine {
  const program = programEntry(import.meta.url, './process/main')
  return createLlamaEngine({ program, ...options, modelPath: path })
}
