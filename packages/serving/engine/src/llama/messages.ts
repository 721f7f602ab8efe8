/** The protocol between the engine and its process: one JSON message per step in each direction. */

import type { HadalErrorFields } from '@hadal/base'
import type { CacheQuestion, CacheView } from '../cache-view.ts'
import type {
  EmbedInput,
  EngineCapacity,
  EngineLimits,
  FinishReason,
  GeneratedToken,
  Grammar,
  ModelInfo,
  Prompt,
  PromptToken,
  RerankRequest,
  SamplingParams,
  Scheduling,
  StartReport,
  StepMember,
  StepReport,
  ThinkingLimit,
} from '../engine.ts'
import type { InferenceTimes, TensorValue } from '../tensor-value.ts'
import type { LlamaConfig } from './options.ts'

/** Sampling parameters with all defaults filled in. */
export interface Sampling extends Required<Omit<SamplingParams, 'logitBias'>> {
  /** Token and bias. */
  readonly logitBias: readonly (readonly [token: number, bias: number])[]
}

/** A file to load; the ref identifies it in both processes and is never reused. */
export interface AdapterFile {
  readonly ref: number
  readonly path: string
}

/** Refs and non-zero scales, ordered by ref. The scales are 32-bit floats. */
export type AdapterSet = readonly (readonly [ref: number, scale: number])[]

/** A request with all defaults filled in; `null` if there is none. */
export interface StartSequence {
  /** Identifies the sequence in both processes; never reused. */
  readonly key: number
  readonly prompt: Prompt
  readonly maxTokens: number | null
  readonly minTokens: number
  readonly sampling: Sampling
  readonly stop: readonly string[]
  readonly stopTokens: readonly number[]
  readonly topLogprobs: number | null
  readonly promptLogprobs: number | null
  readonly logprobsAfterSampling: boolean
  readonly ignoreEos: boolean
  readonly grammar: Grammar | null
  readonly thinking: ThinkingLimit | null
  readonly controlText: boolean
  /** The owner whose cells it may reuse; null is one common owner. */
  readonly owner: string | null
  readonly reusePrefix: boolean
  /** Lower goes first. */
  readonly priority: number
  readonly adapters: AdapterSet
}

/** Texts to embed or rank, images, or tensors. */
export type PooledWork = { readonly key: number } & (
  | { readonly kind: 'embed'; readonly inputs: readonly EmbedInput[] }
  | ({ readonly kind: 'rerank' } & Omit<RerankRequest, 'id' | keyof Scheduling>)
  /** Only for a process that accepts bytes. `outputs`: null for all. */
  | {
      readonly kind: 'infer'
      readonly inputs: readonly TensorValue[]
      readonly outputs: readonly string[] | null
    }
)

export type PooledResult =
  | {
      readonly key: number
      /** The vectors of each input, concatenated: little-endian 32-bit floats in base64. */
      readonly vectors: readonly string[]
      readonly tokens: readonly number[]
    }
  | {
      readonly key: number
      readonly scores: readonly number[]
      readonly areProbabilities: boolean
      readonly tokens: readonly number[]
    }
  | { readonly key: number; readonly outputs: readonly TensorValue[]; readonly times: InferenceTimes }
  | { readonly key: number; readonly error: WireError }

export type Question =
  | {
      readonly id: number
      readonly ask: 'tokenize'
      readonly text: string
      readonly addSpecial: boolean
      readonly parseSpecial: boolean
    }
  | { readonly id: number; readonly ask: 'promptLength'; readonly prompt: Prompt }
  | { readonly id: number; readonly ask: 'detokenize' | 'pieces'; readonly tokens: readonly number[] }
  | ({ readonly id: number; readonly ask: 'loadAdapter' } & AdapterFile)
  /** The state of the cells; null if it does not generate. */
  | ({ readonly id: number; readonly ask: 'cache' } & CacheQuestion)

export type Answer =
  | { readonly id: number; readonly value: number | number[] | string | number[][] | CacheView | null }
  | { readonly id: number; readonly error: WireError }

export type WireError = HadalErrorFields & { message: string }

/**
 * To the process: first `open`, then work. A sequence is never started and cancelled in one message. Each message gets a `step`
 * in reply.
 */
export interface ToProcess {
  readonly open?: LlamaConfig
  /**
   * With `open`: the initial adapters. If the file of one that an earlier process had is gone, only requests that use it are
   * rejected.
   */
  readonly adapters?: { readonly files: readonly AdapterFile[]; readonly mayBeLost: boolean }
  readonly cancel?: readonly number[]
  /** Sequences that used these have ended, or are cancelled by this message. */
  readonly dropAdapters?: readonly number[]
  readonly start?: readonly StartSequence[]
  readonly ask?: readonly Question[]
  readonly pooled?: readonly PooledWork[]
  readonly cancelPooled?: readonly number[]
  /** From the next step on. */
  readonly limits?: EngineLimits
  /** Whether step reports include their members, from the next step on. */
  readonly reportMembers?: boolean
}

export type SequenceEvent =
  /** It got its slot in the batch. */
  | {
      readonly key: number
      readonly slot: number
      readonly promptTokens: number
      readonly cachedTokens: number
    }
  /** It was preempted (null), or resumes in this slot. */
  | { readonly key: number; readonly movedTo: number | null }
  /** Part of its prompt was computed: the total so far, and the time since it got its slot. */
  | { readonly key: number; readonly computedTokens: number; readonly millis: number }
  /** The whole prompt with log-probabilities; before any text. */
  | { readonly key: number; readonly described: readonly PromptToken[] }
  | {
      readonly key: number
      readonly text: string
      readonly tokenCount: number
      readonly logprobs: readonly GeneratedToken[]
      readonly tokens: readonly number[]
    }
  | {
      readonly key: number
      readonly done: Exclude<FinishReason, 'cancelled'>
      readonly stopString?: string
      readonly stopToken?: number
      readonly completionTokens: number
      /** Absent if there were none. */
      readonly drafts?: { readonly draftTokens: number; readonly acceptedDraftTokens: number }
      /** From arrival in the process to the slot in the batch, from there to the first token, from there to the last. */
      readonly waitMillis: number
      readonly prefillMillis: number
      readonly decodeMillis: number
    }
  | { readonly key: number; readonly error: WireError }

/** A step member by key. See `StepMember`. */
export interface KeyedMember extends Omit<StepMember, 'id' | 'sharedWith'> {
  readonly key: number
  readonly sharedWith?: number
}

export interface StepFigures {
  readonly decodeTokens: number
  readonly prefillTokens: number
  readonly attendedTokens?: number
  readonly isPass?: boolean
  readonly tower?: 'text' | 'image'
  readonly tensors?: InferenceTimes
  readonly running: number
  readonly millis: number
  readonly nativeMillis?: number
  readonly outside?: NonNullable<StepReport['outside']>
  readonly endedAt?: number
  readonly preemptions?: number
  readonly drafts?: NonNullable<StepReport['drafts']>
  /** Only if requested; `preempted` are keys. */
  readonly members?: readonly KeyedMember[]
  readonly preempted?: readonly number[]
}

export type FromProcess =
  | {
      readonly type: 'ready'
      readonly model: ModelInfo
      readonly choices: readonly string[]
      readonly capacity?: EngineCapacity
      readonly lostAdapters: readonly WireError[]
      readonly phases: StartReport['phases']
      /** The budget used to plan the KV cache: a standby process must plan with the same one. */
      readonly kvBudgetBytes: number
    }
  /** It cannot become ready; the process exits. */
  | { readonly type: 'failed'; readonly error: WireError }
  | {
      readonly type: 'step'
      readonly step?: StepFigures
      /** 0 to 1. */
      readonly kvCacheUsage: number
      readonly events: readonly SequenceEvent[]
      readonly answers: readonly Answer[]
    }
  /** After every embedding pass, even if no request is finished. */
  | { readonly type: 'pooled'; readonly step?: StepFigures; readonly results: readonly PooledResult[] }
