/**
 * What can be chosen about a llama.cpp engine, and every default with its reason as data, so that flags and reference
 * pages can be made from it.
 */

import { availableParallelism } from 'node:os'
import type { Clock, Logger, ProgramEntry } from '@hadal/base'
import type { AdapterInfo, Pooling } from '../engine.ts'
import { llamaOptionInvalid } from '../errors.ts'
import { physicalCores } from './physical-cores.ts'

export interface LlamaEngineOptions {
  /** A GGUF file; of a split model its first part. */
  readonly modelPath: string
  /** As clients name it; the file's name without `.gguf` by default. */
  readonly modelId?: string
  /** Jinja source, instead of the model's own templates. */
  readonly chatTemplate?: string
  /** Sequences that generate at the same time. */
  readonly maxBatchSize?: number
  /** Tokens one engine step computes at most. */
  readonly maxBatchTokens?: number
  /** Prompt tokens a step computes at most while other sequences generate. */
  readonly maxPrefillTokensBesideDecodes?: number
  /** How long an idle engine waits for more prompts to share its first step. */
  readonly timeoutMicros?: number
  /** A request of which the first token would come later throws `deadline_unmet`; absent: none does that has no deadline of its own. */
  readonly sloTtftMillis?: number
  /** Steps are kept so short, as far as prompts can be cut, that tokens follow each other within it. */
  readonly sloItlMillis?: number
  /** Waiting so long counts as one priority more urgent; 10 s by default. */
  readonly priorityAgingMillis?: number
  /** What clients get when all have requests waiting; 1 where nothing is said. Looked up at each request: it may change. */
  readonly clientWeights?: Readonly<Record<string, number>>
  /** Put sequences aside when common cells run short, instead of reserving what each may come to need. True by default. */
  readonly preemption?: boolean
  /** Memory for sequences that were put aside, and for beginnings that left the cache. */
  readonly hostCacheBytes?: number
  /** A folder for beginnings that many requests share: later lives of the engine begin with them. Absent: none is kept. */
  readonly snapshotDir?: string
  /** Longest prompt plus completion of one request, in tokens. */
  readonly contextLength?: number
  /** Requests that may wait for a place. */
  readonly maxQueue?: number
  readonly threads?: number
  /** Memory for keys and values. */
  readonly kvCacheBytes?: number
  /**
   * Choose what makes greedy text the same whether a request runs alone or beside others, where the kernels allow it
   * (`context-plan.ts` says where): separate cells for each sequence, prompts apart from new tokens, and only those
   * kernels of attention that compute every row by itself. Absent means where that costs little: models of short context.
   */
  readonly batchInvariant?: boolean
  /** Layers kept on a GPU when the installed library has one; absent means all. */
  readonly gpuLayers?: number
  /** Serve embeddings, beside text where the model generates any. False by default. */
  readonly embeddings?: boolean
  /** How the vectors of tokens become one; absent means as the model says, the mean where it says nothing. */
  readonly pooling?: Pooling
  /** Serve a model with a classification head as a reranker. False by default. */
  readonly reranking?: boolean
  /** LoRA adapters to begin with. */
  readonly adapters?: readonly AdapterInfo[]
  /**
   * Guess tokens ahead and check several in one computation. `auto`: where it was measured to be faster, and never where
   * results shall not depend on their company, because a checked token is computed in a larger step; `on`: always at full
   * length.
   */
  readonly speculation?: 'auto' | 'on' | 'off'
  /** A GGUF file of a small model with the same vocabulary; without one, what was said before is the guess. */
  readonly draftModelPath?: string
  /** Tokens guessed ahead at most. */
  readonly draftTokens?: number
  /** A short request is computed before the engine says that it is ready. True by default. */
  readonly preload?: boolean
  /** Keep the weights in memory: never paged out. False by default; `memory_lock_refused` where the system forbids it. */
  readonly lockMemory?: boolean
  /** Map the model's file instead of reading it; absent means where the devices can use it so. */
  readonly mapMemory?: boolean
  /** A second process, loaded, takes over when the first dies. False by default. */
  readonly standby?: boolean
  /** False keeps the CUDA backend from using CUDA graphs; absent and true leave it to decide. */
  readonly cudaGraph?: boolean
  /**
   * How long the process may have work and say nothing, before it is taken for hung and killed; 120 s by default.
   * The time that a step of this model may take comes on top (`patience.ts`).
   */
  readonly stallTimeoutMillis?: number
  /** Of the engine's process: another than llama.cpp's that says the same (`messages.ts`). */
  readonly program?: ProgramEntry
  readonly logger?: Logger
  readonly clock?: Clock
}

export interface LlamaDefault<Value> {
  /** Undefined: worked out when the engine starts, and told in `choices`. */
  readonly value: Value
  readonly reason: string
}

export const llamaDefaults: {
  readonly maxBatchSize: LlamaDefault<number>
  readonly maxBatchTokens: LlamaDefault<number>
  readonly maxPrefillTokensBesideDecodes: LlamaDefault<number>
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
  maxPrefillTokensBesideDecodes: {
    value: 128,
    reason: 'bounds how long a new prompt delays the next token of the others',
  },
  timeoutMicros: { value: 0, reason: 'waiting only pays when prompts come in bursts' },
  contextLength: { value: undefined, reason: 'what the model was trained for, as far as memory allows' },
  maxQueue: { value: 256, reason: 'longer lines only turn into timeouts' },
  threads: { value: undefined, reason: 'the physical cores this process may use' },
  kvCacheBytes: { value: undefined, reason: 'a quarter of the free memory' },
  batchInvariant: { value: undefined, reason: 'on for models of short context, where it costs little' },
  gpuLayers: { value: undefined, reason: 'all of them' },
  draftTokens: { value: 8, reason: 'checking more at once costs more than it gives on a CPU' },
  priorityAgingMillis: { value: 10_000, reason: 'nobody waits for ever' },
  sloTtftMillis: { value: undefined, reason: 'nothing is promised' },
  sloItlMillis: { value: undefined, reason: 'nothing is promised' },
  hostCacheBytes: { value: undefined, reason: 'an eighth of the free memory, 1 GiB at most' },
}

/**
 * The buffers of a step grow with it, by 4 bytes for each attention head and token of context where attention does not
 * use the flash kernels: beyond steps of 512 tokens, a 135M model with 9 heads and four contexts of 8192 took 0.5 GiB more
 * address space for steps of 2048, and 10 GiB more for the longest that llama.cpp allows.
 */
const maxStepTokens = 2048

/** Long for any disk or scheduler to hold up a step; short beside a service that hangs for ever. */
const defaultStallTimeoutMillis = 120_000

/** What the engine process is started with; crosses the process boundary as JSON. */
export interface LlamaConfig {
  readonly modelPath: string
  readonly modelId: string | null
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensBesideDecodes: number
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
    maxPrefillTokensBesideDecodes: whole('maxPrefillTokensBesideDecodes', 1, maxStepTokens)!,
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

/** Rows that a step must be able to give logits of grow with it. */
const maxDraftTokens = 16

/** LLAMA_MAX_SEQ. */
export const maxSequences = 256
