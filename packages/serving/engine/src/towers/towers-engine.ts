/**
 * A model with towers for texts and images behind the `Engine` interface: the line, the restarts and the watch over a silent
 * process are those of llama.cpp's engine, in front of another program. Knows nothing of what that loads the model with.
 */

import type { ProgramEntry } from '@hadal/base'
import type { Engine } from '../engine.ts'
import { createLlamaEngine } from '../llama/llama-engine.ts'
import type { LlamaEngineOptions } from '../llama/options.ts'

export interface TowersEngineOptions
  extends Pick<
    LlamaEngineOptions,
    | 'modelId'
    | 'maxBatchSize'
    | 'maxBatchTokens'
    | 'timeoutMicros'
    | 'maxQueue'
    | 'threads'
    | 'preload'
    | 'standby'
    | 'priorityAgingMillis'
    | 'clientWeights'
    | 'stallTimeoutMillis'
    | 'logger'
    | 'clock'
  > {
  /** Of the model, as Hugging Face or open_clip lay it out. */
  readonly folder: string
  /** Calls `serveTowers`. */
  readonly program: ProgramEntry
}

/** Starts the process at once; `ready()` tells whether it came up. Throws `llama_option_invalid`. */
export function createTowersEngine({ folder, ...options }: TowersEngineOptions): Engine {
  return createLlamaEngine({ ...options, modelPath: folder, embeddings: true })
}
