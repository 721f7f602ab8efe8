/**
 * What the server knows of a model: an `Engine`. Implementations live beside this file (`llama/`, later `upstream/`); a
 * fake of forty lines (`fake-engine.ts`) stands in for them in tests. Knows nothing of HTTP or of any API dialect.
 */

import type { HadalError } from '@hadal/base'
import type { CacheQuestion, CacheView, EngineLine } from './cache-view.ts'
import type { AdapterUse, GenerateEvent, GenerateRequest, Prompt, Scheduling } from './generate.ts'
import type { InferenceTimes, TensorModel, TensorValue } from './tensor-value.ts'

export type * from './cache-view.ts'
export type * from './generate.ts'

export interface ModelInfo {
  /** As clients name it in `model`. */
  readonly id: string
  readonly path: string
  readonly architecture: string
  readonly parameterCount: number
  readonly fileBytes: number
  /** Of its weights, keys and values, where that is known; what a step needs beside them is not in it. */
  readonly memoryBytes?: number
  /** Longest prompt plus completion of one request. */
  readonly contextLength: number
  readonly vocabularySize: number
  /** Jinja source from the model's metadata. */
  readonly chatTemplate?: string
  /** The template for requests with tools, where the model brings one of its own. */
  readonly toolTemplate?: string
  readonly bosToken: string
  readonly eosToken: string
  /** The texts of control tokens, which have a meaning to the model: what a user writes must not contain them as such. */
  readonly controlTokens: readonly string[]
  /** Tokens for filling in the middle, where the vocabulary has them. */
  readonly fim?: FimTokens
  /** What the model was trained for; a request may have less, `contextLength`. */
  readonly trainedLength: number
  /** Width of an embedding. */
  readonly embeddingLength: number
  /** How the vectors of a text's tokens become one, where it gives embeddings. */
  readonly pooling?: Pooling
  /** Where `embed` takes images beside texts. */
  readonly images?: ImageReading
  /** Where `infer` takes tensors. */
  readonly tensors?: TensorModel
  readonly can: ModelAbilities
  /** Seconds since 1970. */
  readonly createdAt: number
}

export interface FimTokens {
  readonly prefix: number
  readonly suffix: number
  readonly middle: number
  readonly pad?: number
  readonly repository?: number
  readonly separator?: number
}

export interface ModelAbilities {
  readonly generate: boolean
  readonly embed: boolean
  readonly rerank: boolean
  /** Tensors to tensors: none of the others. */
  readonly infer?: boolean
}

/** How a model reads images. */
export interface ImageReading {
  /** Pixels of each side that it sees, whatever the image has. */
  readonly size: number
  /** What one image counts as, in tokens: the positions that its tower computes. */
  readonly tokens: number
}

export type Pooling = 'none' | 'mean' | 'cls' | 'last'

/** A file as it came: PNG, JPEG, WebP, GIF or AVIF. */
export interface ImageInput {
  readonly image: Uint8Array
}

export type EmbedInput = Prompt | ImageInput

export const isImageInput = (input: EmbedInput): input is ImageInput =>
  typeof input === 'object' && 'image' in input

export interface EmbedRequest extends Scheduling {
  readonly id: string
  readonly inputs: readonly EmbedInput[]
}

export interface Embeddings {
  /** One vector for each input, as pooled, not normalised; with pooling `none`, one for each token. */
  readonly vectors: readonly (readonly Float32Array[])[]
  /** Tokens of each input. */
  readonly tokens: readonly number[]
}

export interface RerankRequest extends Scheduling {
  readonly id: string
  readonly query: string
  readonly documents: readonly string[]
  /** Of each document only so many of its first tokens count. */
  readonly maxDocumentTokens?: number
  /** Documents too long for the model lose their end; otherwise they are an error. */
  readonly truncate?: boolean
}

export interface Relevance {
  /** One raw score for each document, as the model gives it. */
  readonly scores: readonly number[]
  /** Whether scores are probabilities already; else a sigmoid makes them so. */
  readonly areProbabilities: boolean
  /** Tokens of each pair of query and document. */
  readonly tokens: readonly number[]
}

export interface InferRequest extends Scheduling {
  readonly id: string
  readonly inputs: readonly TensorValue[]
  /** Names of those that are wanted; absent: all. */
  readonly outputs?: readonly string[]
}

export interface Inference {
  /** In the order of the names that were asked for. */
  readonly outputs: readonly TensorValue[]
  readonly times: InferenceTimes
}

export interface AdapterInfo {
  readonly id: string
  readonly path: string
  /** Of requests that name no adapters; 0 means not used then. */
  readonly scale: number
}

/** A place for a sequence. */
export interface SlotInfo {
  readonly slot: number
  /** Of several engines that are one: which of them has it. */
  readonly replica?: number
  /** The request in it. */
  readonly id?: string
  readonly promptTokens: number
  readonly computedTokens: number
  readonly generatedTokens: number
}

/** What a start is spent on, in order; `node` is Node.js and this project's own modules. */
export type StartPhase = 'node' | 'libraries' | 'backends' | 'model' | 'context' | 'warmUp' | 'prefixes'

/** How long the engine took to be ready; the phases of it that there were. Processes wait and talk between them. */
export interface StartReport {
  readonly millis: number
  readonly phases: Readonly<Partial<Record<StartPhase, number>>>
}

export interface EngineSnapshot {
  readonly state: 'starting' | 'ready' | 'restarting' | 'draining' | 'closed'
  readonly running: number
  readonly waiting: number
  readonly maxBatchSize: number
  readonly maxQueue: number
  /** 0 to 1. */
  readonly kvCacheUsage: number
  readonly restarts: number
  /** Of several engines that are one: those that take requests at this moment. */
  readonly replicas?: number
  /** Of the process that serves now; absent before the first is ready. */
  readonly start?: StartReport
  /** That compute: absent where there is none, or none of its own. */
  readonly processes?: readonly { readonly pid: number; readonly replica?: number }[]
  readonly slots: readonly SlotInfo[]
}

/** Where a step of generation spends its time outside the library’s computation; what is missing of the rest is our own work with batches and cells. */
export interface OutsideMillis {
  /** Choosing whom to compute, and guessing ahead. */
  readonly plan: number
  /** Choosing tokens. */
  readonly sample: number
  /** Making texts of them, finding where they stop. */
  readonly texts: number
}

/** One sequence in a step. */
export interface StepMember {
  /** As its request is called. */
  readonly id: string
  readonly slot: number
  /** Tokens of its prompt that the step computed; absent where it generates. */
  readonly prefill?: number
  /** Of its prompt: computed after this step, and all of them. */
  readonly computed?: number
  readonly prompt?: number
  /** Guesses that were checked. */
  readonly drafts?: number
  /** First tokens that it has in common with others at work, and the one of them that has been at work longest. */
  readonly shared?: number
  readonly sharedWith?: string
}

/** One engine step, as telemetry and the batch timeline see it. */
export interface StepReport {
  readonly step: number
  /** Of several engines that are one: which of them computed it. Each has a clock and slots of its own. */
  readonly replica?: number
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** Tokens that each of them looked back at, all together. Absent where it was not counted. */
  readonly attendedTokens?: number
  /** A pass over whole texts, to embed or to rank them; else a step of generation. */
  readonly isPass?: boolean
  /** Of a model with a tower for each: what was embedded. */
  readonly tower?: 'text' | 'image'
  /** Of a model that takes tensors: a run, with the rows of `running`. */
  readonly tensors?: InferenceTimes
  readonly running: number
  readonly millis: number
  /** Of them, spent in the library’s computation; the rest is sampling, texts and our own work. Absent where it was not measured. */
  readonly nativeMillis?: number
  /** Of the rest, what is known of it. */
  readonly outside?: OutsideMillis
  /** When it ended, in milliseconds of the clock of the process that computed it: tells how far apart the steps of one process are, and nothing else. */
  readonly endedAt?: number
  /** Sequences that were put aside before it, for others or for want of cells; absent where none was. */
  readonly preemptions?: number
  /** Speculative decoding: drafts that were checked, and their tokens; of these, as many as were right. Part of `decodeTokens`. */
  readonly drafts?: { readonly count: number; readonly tokens: number; readonly accepted: number }
  /** Who was in it, and who was put aside before it, as their requests are called: only while somebody wants it (`tellMembers`). */
  readonly members?: readonly StepMember[]
  readonly putAside?: readonly string[]
}

/** How much an engine can work on at a time. */
export interface EngineCapacity {
  /** Tokens whose keys and values the KV cache holds, in all; absent where nothing is generated. */
  readonly cells?: number
  /** Tokens of one pass over texts to embed or rank; absent where there are none. */
  readonly passTokens?: number
}

/** What may change while an engine serves. None of it may become more than the engine was started with, but `timeoutMicros`. */
export interface EngineLimits {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensBesideDecodes: number
  readonly timeoutMicros: number
}

export interface Engine extends AsyncDisposable {
  /** Known once `ready` has resolved. */
  readonly model: ModelInfo
  /** Choices made at start with their reasons, e.g. `threads: 2 (physical cores)`. */
  readonly choices: readonly string[]
  /** Known once `ready` has resolved; absent where an engine has no such bounds. */
  readonly capacity?: EngineCapacity | undefined
  ready(): Promise<void>
  snapshot(): EngineSnapshot
  /**
   * Queues and runs one sequence; begins with the first `next()`, which is also where errors before the first token
   * arrive. Aborting `signal`, or leaving the loop early, cancels within one step and frees its cells;
   * after an abort the last event is `done` with `cancelled`.
   * Throws `queue_full` (429, with Retry-After) before anything is queued, `context_length_exceeded` (400) once tokenised,
   * `engine_crashed` (503, with Retry-After) when the native process dies while the sequence runs.
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>
  /** What `generate` would throw right away of one that waits like this; absent where that is not known. Spares the work of making the request. */
  refusal?(scheduling: Scheduling): HadalError | undefined
  tokenize(
    text: string,
    options?: { readonly addSpecial?: boolean; readonly parseSpecial?: boolean },
  ): Promise<number[]>
  /** How many tokens `generate` would find in a prompt, however many they are. */
  promptLength(prompt: Prompt): Promise<number>
  detokenize(tokens: readonly number[]): Promise<string>
  /** The bytes of each token; of a control token those of its name. Throws `invalid_token`. */
  pieces(tokens: readonly number[]): Promise<readonly (readonly number[])[]>
  /**
   * Vectors of whole texts, and of images where the model has eyes (`model.images`; else `images_off`, 501). Several are
   * computed in one pass. Throws `embeddings_off` (501) when the engine was not started for it, `context_length_exceeded` for an input too long, `too_many_vectors` (400), and whatever `generate` throws of
   * queues and crashes. What is wrong with one image has its place for a `param`: `[3]`, or nothing where it is alone. Aborting `signal` takes it out of the passes to come; it then throws the signal's reason.
   */
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<Embeddings>
  /** How well each document answers the query. Throws `reranking_off` (501) when the model is no reranker; otherwise as `embed`. */
  rerank(request: RerankRequest, signal?: AbortSignal): Promise<Relevance>
  /**
   * Tensors through the model; several requests share a run where `model.tensors.batching` says so. Throws `inference_off` (501) of a
   * model that takes none, `tensor_invalid` and `inference_failed` (400), and whatever `embed` throws of queues and crashes; aborting as there. What is
   * wrong with one tensor has its place among the inputs for a `param`: `[1]`. Absent: no model of this engine takes tensors.
   */
  infer?(request: InferRequest, signal?: AbortSignal): Promise<Inference>
  /** In the order they were loaded. */
  readonly adapters: readonly AdapterInfo[]
  /** Throws `adapter_unusable`, and `adapter_exists` when the id is taken. */
  loadAdapter(adapter: AdapterInfo): Promise<void>
  /** For requests to come; those that run keep theirs until they end. Throws `adapter_unknown`. */
  unloadAdapter(id: string): Promise<void>
  /** The default set: of requests that name no adapters. Throws `adapter_unknown`. */
  setAdapterScales(scales: readonly AdapterUse[]): Promise<void>
  onStep(listener: (report: StepReport) => void): Disposable
  /** Until what comes back is disposed of, reports of steps say who was in them. Absent where that is not known. */
  tellMembers?(): Disposable
  /**
   * What the cells, host memory and the disk hold at this moment, for each replica that can tell; at once, or not before the
   * engine is ready again. Absent where that is not known. Throws `engine_crashed` and `engine_closed`.
   */
  caches?(question: CacheQuestion): Promise<readonly CacheView[]>
  /** Who waits for a place: those who have waited longest, `most` of them. Absent where that is not known. */
  line?(most: number): EngineLine
  /** As they are now; absent where nothing may change. */
  readonly limits?: EngineLimits
  /** From the next step on; who runs goes on. Returns what they are then: what the engine was started with bounds them. */
  limit?(changed: Partial<EngineLimits>): EngineLimits
  /** No new requests; resolves when the running ones are done or `timeoutMillis` has passed. */
  drain(timeoutMillis: number): Promise<void>
}
