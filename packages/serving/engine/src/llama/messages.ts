/**
 * What the engine and its process say to each other: one message per step each way, as JSON. Knows nothing of how it is
 * carried.
 */

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

/** Sampling with every default filled in. */
export interface Sampling extends Required<Omit<SamplingParams, 'logitBias'>> {
  /** Token and bias. */
  readonly logitBias: readonly (readonly [token: number, bias: number])[]
}

/** A file to be loaded; the ref names it between the two processes and is never used twice. */
export interface AdapterFile {
  readonly ref: number
  readonly path: string
}

/** Refs and scales, none of them 0, in the order of refs. The scales are 32-bit floats. */
export type AdapterSet = readonly (readonly [ref: number, scale: number])[]

/** A request with every default filled in; `null` where there is none. */
export interface StartSequence {
  /** Names the sequence between the two processes; never used twice. */
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
  /** Whose cells may serve it; null is one common owner. */
  readonly owner: string | null
  readonly reusePrefix: boolean
  /** Lower goes first. */
  readonly priority: number
  readonly adapters: AdapterSet
}

/** Texts to be read whole, to embed or to rank; images; and tensors. */
export type PooledWork = { readonly key: number } & (
  | { readonly kind: 'embed'; readonly inputs: readonly EmbedInput[] }
  | ({ readonly kind: 'rerank' } & Omit<RerankRequest, 'id' | keyof Scheduling>)
  /** Only to a process that takes bytes. `outputs`: null for all. */
  | {
      readonly kind: 'infer'
      readonly inputs: readonly TensorValue[]
      readonly outputs: readonly string[] | null
    }
)

export type PooledResult =
  | {
      readonly key: number
      /** For each input its vectors one after another: little-endian 32-bit floats in base64. */
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
  /** How the cells stand; null where nothing is generated. */
  | ({ readonly id: number; readonly ask: 'cache' } & CacheQuestion)

export type Answer =
  | { readonly id: number; readonly value: number | number[] | string | number[][] | CacheView | null }
  | { readonly id: number; readonly error: WireError }

export type WireError = HadalErrorFields & { message: string }

/** To the process: first `open`, then work. Nothing is started and cancelled in one message. Each gets a `step` back. */
export interface ToProcess {
  readonly open?: LlamaConfig
  /** With `open`: those to begin with. One that earlier processes had may be lost by now, and then only who uses it is refused. */
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
  /** Whether steps tell who was in them, from the next on. */
  readonly tellMembers?: boolean
}

export type SequenceEvent =
  /** Has its place in the batch. */
  | {
      readonly key: number
      readonly slot: number
      readonly promptTokens: number
      readonly cachedTokens: number
    }
  /** It was put aside for others (null), or goes on in this place. */
  | { readonly key: number; readonly movedTo: number | null }
  /** A part of its prompt was computed; so many tokens of it are by now, so long after it had its place. */
  | { readonly key: number; readonly computedTokens: number; readonly millis: number }
  /** The whole prompt, described; before any text. */
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
      /** Where there were any. */
      readonly drafts?: { readonly draftTokens: number; readonly acceptedDraftTokens: number }
      /** From arrival in the process to the place in the batch, from there to the first token, from there to the last. */
      readonly waitMillis: number
      readonly prefillMillis: number
      readonly decodeMillis: number
    }
  | { readonly key: number; readonly error: WireError }

/** Who was in a step, by its key. See `StepMember`. */
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
  /** Only where they are wanted; `putAside` are keys. */
  readonly members?: readonly KeyedMember[]
  readonly putAside?: readonly number[]
}

export type FromProcess =
  | {
      readonly type: 'ready'
      readonly model: ModelInfo
      readonly choices: readonly string[]
      readonly capacity?: EngineCapacity
      readonly lostAdapters: readonly WireError[]
      readonly phases: StartReport['phases']
      /** What the keys and values were planned into: a process that stands by must plan the same. */
      readonly kvBudgetBytes: number
    }
  /** Will not become ready; the process exits. */
  | { readonly type: 'failed'; readonly error: WireError }
  | {
      readonly type: 'step'
      readonly step?: StepFigures
      /** 0 to 1. */
      readonly kvCacheUsage: number
      readonly events: readonly SequenceEvent[]
      readonly answers: readonly Answer[]
    }
  /** After every pass over texts, whether or not one is done. */
  | { readonly type: 'pooled'; readonly step?: StepFigures; readonly results: readonly PooledResult[] }
