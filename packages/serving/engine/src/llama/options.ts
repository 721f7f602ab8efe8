/**
 * The options of a llama.cpp engine, and every default with its reason as data, so that flags and reference pages can be
 * generated.
 */

import { availableParallelism } from 'node:os'
import type { Clock, Logger, ProgramEntry } from '@hadal/base'
import type { AdapterInfo, Pooling } from '../engine.ts'
import { llamaOptionInvalid } from '../errors.ts'
import { physicalCores } from './physical-cores.ts'

export interface LlamaEngineOptions {
  /** A GGUF file; for a split model, its first part. */
  readonly modelPath: string
  /** The name clients use; the file's name without `.gguf` by default. */
  readonly modelId?: string
  /** Jinja source that replaces the model's templates. */
  readonly chatTemplate?: string
  /** Maximum number of concurrently generating sequences. */
  readonly maxBatchSize?: number
  /** Maximum tokens per engine step. */
  readonly maxBatchTokens?: number
  /** Maximum prompt tokens per step while other sequences generate. */
  readonly maxPrefillTokensWhileDecoding?: number
  /** How long an idle engine waits for more prompts to share its first step. */
  readonly timeoutMicros?: number
  /** A request whose first token would come later throws `deadline_unmet`; absent: only requests with their own deadline do. */
  readonly sloTtftMillis?: number
  /** Prompts are chunked so that, as far as possible, the inter-token latency stays below this. */
  readonly sloItlMillis?: number
  /** Waiting time that raises urgency by one priority; 10 s by default. */
  readonly priorityAgingMillis?: number
  /** Shares of clients when all have requests queued; 1 if not listed. Read at each request, so it may change. */
  readonly clientWeights?: Readonly<Record<string, number>>
  /** Preempt sequences when the shared cells run short, instead of reserving each sequence's maximum. True by default. */
  readonly preemption?: boolean
  /** Host memory for preempted sequences and evicted prefixes. */
  readonly hostCacheBytes?: number
  /** A folder for prefixes that many requests share, restored at the next start. Absent: none is kept. */
  readonly snapshotDir?: string
  /** Maximum prompt plus completion of one request, in tokens. */
  readonly contextLength?: number
  /** Maximum number of queued requests. */
  readonly maxQueue?: number
  readonly threads?: number
  /** Memory for keys and values. */
  readonly kvCacheBytes?: number
  /**
   * Make greedy text batch-invariant where the kernels allow it (see `context-plan.ts`): separate cells for each sequence,
   * prompts apart from new tokens, and only attention kernels that compute every row separately. Absent: where that costs
   * little, that is, for models of short context.
   */
  readonly batchInvariant?: boolean
  /** Layers kept on a GPU if the installed library supports one; absent means all. */
  readonly gpuLayers?: number
  /** Serve embeddings, in addition to text if the model generates any. False by default. */
  readonly embeddings?: boolean
  /** How token vectors are pooled; absent: as the model declares, or the mean. */
  readonly pooling?: Pooling
  /** Serve a model with a classification head as a reranker. False by default. */
  readonly reranking?: boolean
  /** LoRA adapters loaded at start. */
  readonly adapters?: readonly AdapterInfo[]
  /**
   * Speculative decoding: draft tokens and verify several in one computation. `auto`: where measurements show it is faster, and
   * never with batch invariance, because a verified token is computed in a larger step; `on`: always at full length.
   */
  readonly speculation?: 'auto' | 'on' | 'off'
  /** A GGUF file of a small model with the same vocabulary; without one, drafts are looked up in the earlier text. */
  readonly draftModelPath?: string
  /** Maximum draft tokens. */
  readonly draftTokens?: number
  /** Compute a short request before the engine reports that it is ready. True by default. */
  readonly preload?: boolean
  /**
   * Lock the weights in memory so that they are never paged out. False by default; `memory_lock_refused` if the system forbids
   * it.
   */
  readonly lockMemory?: boolean
  /** Map the model's file instead of reading it; absent: if the devices can use it mapped. */
  readonly mapMemory?: boolean
  /** Keep a second, loaded process that takes over when the first dies. False by default. */
  readonly standby?: boolean
  /** False disables CUDA graphs in the CUDA backend; absent or true leaves the decision to it. */
  readonly cudaGraph?: boolean
  /**
   * How long a process with work may be silent before it is considered hung and killed; 120 s by default. The estimated
   * duration of a step of this model is added (`patience.ts`).
   */
  readonly stallTimeoutMillis?: number
  /** The engine's process: a program other than llama.cpp's with the same protocol (`messages.ts`). */
  readonly program?: ProgramEntry
  readonly logger?: Logger
  readonly clock?: Clock
}

export interface LlamaDefault<Value> {
  /** Undefined: determined at start and reported in `choices`. */
  readonly value: Value
  readonly reason: string
}

export const llamaDefaults: {
  readonly maxBatchSize: LlamaDefault<number>
  readonly maxBatchTokens: LlamaDefault<number>
  readonly maxPrefillTokensWhileDecoding: LlamaDefault<number>
  readonly timeoutMicros: LlamaDefault<number>
  readonly contextLength: LlamaDefault<undefined>
  readonly maxQueue: LlamaDefault<number>
  readonly threads: LlamaDefault<undefined>
  readonly kvCacheBytes: LlamaDefault<undefined>
  readonly batchInvariant: LlamaDefault<undefined>
  readonly gpuLayers: LlamaDefault<undefined>
  readonly draftTokens: LlamaDefault<number>
  readonly priorityAgingMillis: LlamaDefault<number>
  readonly sloTtftMillis: LlamaDefault<undefined>
  readonly sloItlMillis: LlamaDefault<undefined>
  readonly hostCacheBytes: LlamaDefault<undefined>
} = {
  maxBatchSize: { value: 16, reason: 'throughput on a CPU gains little beyond it' },
  maxBatchTokens: { value: 512, reason: 'one micro-batch of llama.cpp: prompts are read fastest at it' },
  maxPrefillTokensWhileDecoding: {
    value: 128,
    reason: 'bounds how long a new prompt delays the next token of the others',
  },
  timeoutMicros: { value: 0, reason: 'waiting only pays when prompts come in bursts' },
  contextLength: { value: undefined, reason: 'the model’s training context, limited by memory' },
  maxQueue: { value: 256, reason: 'longer lines only turn into timeouts' },
  threads: { value: undefined, reason: 'the physical cores available to the process' },
  kvCacheBytes: { value: undefined, reason: 'a quarter of the free memory' },
  batchInvariant: { value: undefined, reason: 'on for models of short context, where it costs little' },
  gpuLayers: { value: undefined, reason: 'all of them' },
  draftTokens: { value: 8, reason: 'checking more at once costs more than it gives on a CPU' },
  priorityAgingMillis: { value: 10_000, reason: 'nobody waits for ever' },
  sloTtftMillis: { value: undefined, reason: 'nothing is promised' },
  sloItlMillis: { value: undefined, reason: 'nothing is promised' },
  hostCacheBytes: { value: undefined, reason: 'an eighth of the free memory, up to 1 GiB' },
}

/**
 * Compute buffers grow with the step, by 4 bytes per attention head and token of context where attention does not use flash
 * kernels. Compared with steps of 512 tokens, a 135M model with 9 heads and four contexts of 8192 took 0.5 GiB more address
 * space for steps of 2048, and 10 GiB more for the longest that llama.cpp allows.
 */
const maxStepTokens = 2048

/** Longer than any disk or scheduler delays a step, and short compared with a hang that never ends. */
const defaultStallTimeoutMillis = 120_000

/** The configuration of the engine process; sent to it as JSON. */
export interface LlamaConfig {
  readonly modelPath: string
  readonly modelId: string | null
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly contextLength: number | null
  readonly threads: number
  readonly threadsReason: string
  readonly kvCacheBytes: number | null
  readonly batchInvariant: boolean | null
  readonly gpuLayers: number | null
  readonly embeddings: boolean
  readonly pooling: Pooling | null
  readonly reranking: boolean
  readonly speculation: 'auto' | 'on' | 'off'
  readonly draftModelPath: string | null
  readonly draftTokens: number
  readonly sloItlMillis: number | null
  readonly preemption: boolean
  readonly agingMillis: number
  readonly hostCacheBytes: number | null
  readonly snapshotDir: string | null
  readonly preload: boolean
  readonly lockMemory: boolean
  readonly mapMemory: boolean | null
  readonly cudaGraph: boolean | null
}

export interface ResolvedOptions extends LlamaConfig {
  readonly adapters: readonly AdapterInfo[]
  readonly chatTemplate: string | undefined
  readonly timeoutMicros: number
  readonly maxQueue: number
  readonly sloTtftMillis: number | null
  readonly clientWeights: Readonly<Record<string, number>>
  readonly stallTimeoutMillis: number
  readonly standby: boolean
  readonly program: ProgramEntry | undefined
}

/** Throws `llama_option_invalid`. */
export function resolveOptions(options: LlamaEngineOptions): ResolvedOptions {
  const check = (name: string, value: number, least: number, most: number): number => {
    if (Number.isInteger(value) && value >= least && value <= most) return value
    throw llamaOptionInvalid(name, value, `a whole number from ${least} to ${most}`)
  }
  const whole = (name: NumberOption, least: number, most: number): number | null => {
    const value = options[name] ?? llamaDefaults[name].value
    return value === undefined ? null : check(name, value, least, most)
  }
  const maxBatchSize = whole('maxBatchSize', 1, maxSequences)!
  const threads = whole('threads', 1, 512)
  const cores = physicalCores()
  return {
    modelPath: options.modelPath,
    modelId: options.modelId ?? null,
    adapters: options.adapters ?? [],
    chatTemplate: options.chatTemplate,
    maxBatchSize,
    maxBatchTokens: whole('maxBatchTokens', maxBatchSize, maxStepTokens)!,
    maxPrefillTokensWhileDecoding: whole('maxPrefillTokensWhileDecoding', 1, maxStepTokens)!,
    timeoutMicros: whole('timeoutMicros', 0, 10_000_000)!,
    contextLength: whole('contextLength', 16, 2 ** 24),
    maxQueue: whole('maxQueue', 0, 1_000_000)!,
    stallTimeoutMillis: check(
      'stallTimeoutMillis',
      options.stallTimeoutMillis ?? defaultStallTimeoutMillis,
      100,
      86_400_000,
    ),
    threads: threads ?? cores ?? availableParallelism(),
    threadsReason:
      threads !== null ? 'as configured' : cores !== undefined ? 'physical cores' : 'logical processors',
    kvCacheBytes: whole('kvCacheBytes', 1, Number.MAX_SAFE_INTEGER),
    batchInvariant: options.batchInvariant ?? null,
    gpuLayers: whole('gpuLayers', 0, 10_000),
    embeddings: options.embeddings ?? false,
    pooling: options.pooling ?? null,
    reranking: options.reranking ?? false,
    speculation: options.speculation ?? 'auto',
    draftModelPath: options.draftModelPath ?? null,
    draftTokens: whole('draftTokens', 1, maxDraftTokens)!,
    preload: options.preload ?? true,
    lockMemory: options.lockMemory ?? false,
    mapMemory: options.mapMemory ?? null,
    cudaGraph: options.cudaGraph ?? null,
    standby: options.standby ?? false,
    program: options.program,
    sloTtftMillis: whole('sloTtftMillis', 1, 86_400_000),
    sloItlMillis: whole('sloItlMillis', 1, 86_400_000),
    agingMillis: whole('priorityAgingMillis', 1, 86_400_000)!,
    clientWeights: options.clientWeights ?? {},
    preemption: options.preemption ?? true,
    snapshotDir: options.snapshotDir ?? null,
    hostCacheBytes: whole('hostCacheBytes', 0, Number.MAX_SAFE_INTEGER),
  }
}

type NumberOption = Exclude<keyof typeof llamaDefaults, 'batchInvariant'>

/** The number of rows for which a step must output logits grows with it. */
const maxDraftTokens = 16

/** LLAMA_MAX_SEQ. */
export const maxSequences = 256
