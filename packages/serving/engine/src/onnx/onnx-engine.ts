/**
 * An ONNX model behind the `Engine` interface: shares queueing, restarts and the watchdog with llama.cpp's engine, in front of
 * a program that computes tensors with onnxruntime (`process/main.ts`). The runtime is not loaded in this process.
 */

import { programEntry } from '@hadal/base'
import type { Engine } from '../engine.ts'
import { createLlamaEngine } from '../llama/llama-engine.ts'
import type { LlamaEngineOptions } from '../llama/options.ts'

export interface OnnxEngineOptions
  extends Pick<
    LlamaEngineOptions,
    /** The name clients use; the file's name without `.onnx` by default. */
    | 'modelId'
    /** Rows per run. */
    | 'maxBatchSize'
    /** How long an idle model waits for more rows. */
    | 'timeoutMicros'
    | 'maxQueue'
    /** Threads per run. */
    | 'threads'
    /** Rows must be bit-identical in any batch, otherwise requests are computed one by one. */
    | 'batchInvariant'
    /** Computes synthetic rows, alone and batched, before the model is ready: see `probe-batching.ts`. */
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

/** Starts the process immediately; `ready()` reports whether it came up. Throws `llama_option_invalid`. */
export function createOnnxEngine({ path, ...options }: OnnxEngineOptions): Engine {
  const program = programEntry(import.meta.url, './process/main')
  return createLlamaEngine({ program, ...options, modelPath: path })
}
