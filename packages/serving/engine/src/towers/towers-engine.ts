/**
 * A dual-encoder model behind the `Engine` interface: shares queueing, restarts and the watchdog with llama.cpp's engine, in
 * front of a different program.
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
  /** The model's folder, in the layout of Hugging Face or open_clip. */
  readonly folder: string
  /** A program that calls `serveTowers`. */
  readonly program: ProgramEntry
}

/** Starts the process immediately; `ready()` reports whether it came up. Throws `llama_option_invalid`. */
export function createTowersEngine({ folder, ...options }: TowersEngineOptions): Engine {
  return createLlamaEngine({ ...options, modelPath: folder, embeddings: true })
}
