/**
 * `Engine`: the interface between the server and a model. Implementations live next to this file (`llama/`, `towers/`,
 * `onnx/`); tests use `fake-engine.ts`. Independent of HTTP and of any API dialect.
 */

import type { HadalError } from '@hadal/base'
import type { CacheQuestion, CacheView, EngineLine } from './cache-view.ts'
import type { AdapterUse, GenerateEvent, GenerateRequest, Prompt, Scheduling } from './generate.ts'
import type { InferenceTimes, TensorModel, TensorValue } from './tensor-value.ts'

export type * from './cache-view.ts'
export type * from './generate.ts'

export interface ModelInfo {
  /** The name clients use in `model`. */
  readonly id: string
  readonly path: string
  readonly architecture: string
  readonly parameterCount: number
  readonly fileBytes: number
  /** Weights, keys and values, where known; excludes compute buffers. */
  readonly memoryBytes?: number
  /** Maximum prompt plus completion of one request. */
  readonly contextLength: number
  readonly vocabularySize: number
  /** Jinja source from the model's metadata. */
  readonly chatTemplate?: string
  /** The template for requests with tools, if the model has a separate one. */
  readonly toolTemplate?: string
  readonly bosToken: string
  readonly eosToken: string
  /** Texts of control tokens, which have a special meaning to the model: user text must not be tokenised into them. */
  readonly controlTokens: readonly string[]
  /** Fill-in-the-middle tokens, if the vocabulary has them. */
  readonly fim?: FimTokens
  /** The context length the model was trained with; requests may be limited to less, see `contextLength`. */
  readonly trainedLength: number
  /** Embedding dimension. */
  readonly embeddingLength: number
  /** How token vectors are pooled into one, for embedding models. */
  readonly pooling?: Pooling
  /** Set if `embed` accepts images as well as text. */
  readonly images?: ImageReading
  /** Set if `infer` accepts tensors. */
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
  /** Tensors in, tensors out; excludes the other abilities. */
  readonly infer?: boolean
}

/** How a model processes images. */
export interface ImageReading {
  /** Width and height in pixels to which images are resized. */
  readonly size: number
  /** Token count of one image: the positions that the image encoder computes. */
  readonly tokens: number
}

export type Pooling = 'none' | 'mean' | 'cls' | 'last'

/** An unmodified file: PNG, JPEG, WebP, GIF or AVIF. */
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
  /** One vector per input, pooled but not normalised; with pooling `none`, one per token. */
  readonly vectors: readonly (readonly Float32Array[])[]
  /** Token count of each input. */
  readonly tokens: readonly number[]
}

export interface RerankRequest extends Scheduling {
  readonly id: string
  readonly query: string
  readonly documents: readonly string[]
  /** Documents are cut to this many tokens. */
  readonly maxDocumentTokens?: number
  /** Truncates documents that are too long for the model; otherwise they are an error. */
  readonly truncate?: boolean
}

export interface Relevance {
  /** One raw model score per document. */
  readonly scores: readonly number[]
  /** Whether scores are probabilities already; otherwise apply a sigmoid. */
  readonly areProbabilities: boolean
  /** Token count of each query-document pair. */
  readonly tokens: readonly number[]
}

export interface InferRequest extends Scheduling {
  readonly id: string
  readonly inputs: readonly TensorValue[]
  /** Names of the requested outputs; absent: all. */
  readonly outputs?: readonly string[]
}

export interface Inference {
  /** In the order of the requested names. */
  readonly outputs: readonly TensorValue[]
  readonly times: InferenceTimes
}

export interface AdapterInfo {
  readonly id: string
  readonly path: string
  /** For requests that name no adapters; 0: not used by default. */
  readonly scale: number
}

/** A sequence slot. */
export interface SlotInfo {
  readonly slot: number
  /** The replica it belongs to, if the engine has several. */
  readonly replica?: number
  /** The id of the request in it. */
  readonly id?: string
  readonly promptTokens: number
  readonly computedTokens: number
  readonly generatedTokens: number
}

/** The phases of a start, in order; `node` is Node.js plus this project's modules. */
export type StartPhase = 'node' | 'libraries' | 'backends' | 'model' | 'context' | 'warmUp' | 'prefixes'

/** Start time of the engine and of its phases. The remainder is waiting and communication between the processes. */
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
  /** Replicas that currently accept requests, if the engine has several. */
  readonly replicas?: number
  /** Start of the current process; absent before the first one is ready. */
  readonly start?: StartReport
  /** Compute processes; absent if there are none or they are not separate. */
  readonly processes?: readonly { readonly pid: number; readonly replica?: number }[]
  readonly slots: readonly SlotInfo[]
}

/** Where a generation step spends its time outside the library; the rest is our work with batches and cells. */
export interface OutsideMillis {
  /** Planning the step and drafting tokens. */
  readonly plan: number
  /** Sampling. */
  readonly sample: number
  /** Detokenising and matching stop strings. */
  readonly texts: number
}

/** A sequence in a step. */
export interface StepMember {
  /** The request's id. */
  readonly id: string
  readonly slot: number
  /** Prompt tokens the step computed; absent if it generates. */
  readonly prefill?: number
  /** Prompt tokens computed after this step, and in total. */
  readonly computed?: number
  readonly prompt?: number
  /** Draft tokens that were verified. */
  readonly drafts?: number
  /** Length of the prefix shared with other running sequences, and the longest-running one of these. */
  readonly shared?: number
  readonly sharedWith?: string
}

/** One engine step, as reported to telemetry and the batch timeline. */
export interface StepReport {
  readonly step: number
  /** The replica that computed it, if the engine has several. Each has its own clock and slots. */
  readonly replica?: number
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** Context tokens attended to, summed over all rows. Absent if not counted. */
  readonly attendedTokens?: number
  /** A pass over whole texts for embedding or reranking; otherwise a generation step. */
  readonly isPass?: boolean
  /** For dual-encoder models: what was embedded. */
  readonly tower?: 'text' | 'image'
  /** For tensor models: a run of `running` rows. */
  readonly tensors?: InferenceTimes
  readonly running: number
  readonly millis: number
  /** Time in the library's computation; the rest is sampling, text handling and our own work. Absent if not measured. */
  readonly nativeMillis?: number
  /** Breakdown of the rest, as far as known. */
  readonly outside?: OutsideMillis
  /**
   * End time in milliseconds by the clock of the process that computed it; only differences between steps of one process are
   * meaningful.
   */
  readonly endedAt?: number
  /** Sequences preempted before it, for others or for lack of cells; absent if none. */
  readonly preemptions?: number
  /** Speculative decoding: verified drafts, their tokens, and how many were accepted. Included in `decodeTokens`. */
  readonly drafts?: { readonly count: number; readonly tokens: number; readonly accepted: number }
  /** The sequences in it and those preempted before it, by request id; only while a consumer wants it (`reportMembers`). */
  readonly members?: readonly StepMember[]
  readonly preempted?: readonly string[]
}

/** Capacity of an engine. */
export interface EngineCapacity {
  /** KV cache capacity in tokens; absent if it does not generate. */
  readonly cells?: number
  /** Tokens per embedding or reranking pass; absent if it makes none. */
  readonly passTokens?: number
}

/** Limits that can change at run time. Except for `timeoutMicros`, none can exceed its initial value. */
export interface EngineLimits {
  readonly maxBatchSize: number
  readonly maxBatchTokens: number
  readonly maxPrefillTokensWhileDecoding: number
  readonly timeoutMicros: number
}

export interface Engine extends AsyncDisposable {
  /** Available once `ready` has resolved. */
  readonly model: ModelInfo
  /** Choices made at start with their reasons, e.g. `threads: 2 (physical cores)`. */
  readonly choices: readonly string[]
  /** Available once `ready` has resolved; absent if the engine has no such limits. */
  readonly capacity?: EngineCapacity | undefined
  ready(): Promise<void>
  snapshot(): EngineSnapshot
  /**
   * Queues and runs one sequence. It starts with the first `next()`, which also throws errors that occur before the first
   * token. Aborting `signal`, or leaving the loop early, cancels within one step and frees its cells; after an abort the last
   * event is `done` with `cancelled`. Throws `queue_full` (429, with Retry-After) before queueing, `context_length_exceeded`
   * (400) after tokenisation, and `engine_crashed` (503, with Retry-After) if the native process dies while the sequence runs.
   */
  generate(request: GenerateRequest, signal?: AbortSignal): AsyncIterable<GenerateEvent>
  /**
   * The error that `generate` would throw immediately for a request with this scheduling; absent if unknown. Saves the work of
   * preparing the request.
   */
  refusal?(scheduling: Scheduling): HadalError | undefined
  tokenize(
    text: string,
    options?: { readonly addSpecial?: boolean; readonly parseSpecial?: boolean },
  ): Promise<number[]>
  /** The number of tokens in a prompt, without a length limit. */
  promptLength(prompt: Prompt): Promise<number>
  detokenize(tokens: readonly number[]): Promise<string>
  /** The bytes of each token; for a control token, those of its name. Throws `invalid_token`. */
  pieces(tokens: readonly number[]): Promise<readonly (readonly number[])[]>
  /**
   * Embeds whole texts, and images if the model accepts them (`model.images`; otherwise `images_off`, 501). A pass computes
   * several. Throws `embeddings_off` (501) if the engine was not started for embeddings, `context_length_exceeded` for an input
   * that is too long, `too_many_vectors` (400), and the queue and crash errors of `generate`. Errors about one image have its
   * index as their `param`: `[3]`, or none if it is the only input. Aborting `signal` removes the request from later passes and
   * throws the signal's reason.
   */
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<Embeddings>
  /**
   * Scores how well each document answers the query. Throws `reranking_off` (501) if the model is not a reranker; otherwise
   * like `embed`.
   */
  rerank(request: RerankRequest, signal?: AbortSignal): Promise<Relevance>
  /**
   * Runs tensors through the model; several requests share a run if `model.tensors.batching` allows it. Throws `inference_off`
   * (501) if the model does not accept tensors, `tensor_invalid` and `inference_failed` (400), and the queue and crash errors
   * of `embed`; aborting works as there. Errors about one tensor have its input index as their `param`: `[1]`. Absent if the
   * engine does not support tensor models.
   */
  infer?(request: InferRequest, signal?: AbortSignal): Promise<Inference>
  /** In the order of loading. */
  readonly adapters: readonly AdapterInfo[]
  /** Throws `adapter_unusable`, and `adapter_exists` if the id is taken. */
  loadAdapter(adapter: AdapterInfo): Promise<void>
  /** Affects new requests; running ones keep it until they end. Throws `adapter_unknown`. */
  unloadAdapter(id: string): Promise<void>
  /** Sets the default scales, for requests that name no adapters. Throws `adapter_unknown`. */
  setAdapterScales(scales: readonly AdapterUse[]): Promise<void>
  onStep(listener: (report: StepReport) => void): Disposable
  /** Until the result is disposed of, step reports include their members. Absent if unsupported. */
  reportMembers?(): Disposable
  /**
   * The current contents of the cells, host memory and disk, per replica that can report them; returns immediately, or once the
   * engine is ready again. Absent if unsupported. Throws `engine_crashed` and `engine_closed`.
   */
  caches?(question: CacheQuestion): Promise<readonly CacheView[]>
  /** The `most` longest-waiting queued requests. Absent if unsupported. */
  line?(most: number): EngineLine
  /** The current limits; absent if they cannot change. */
  readonly limits?: EngineLimits
  /**
   * Takes effect with the next step; running sequences continue. Returns the resulting limits, capped at the initial values.
   */
  limit?(changed: Partial<EngineLimits>): EngineLimits
  /** Stops accepting requests; resolves when the running ones are done or `timeoutMillis` has passed. */
  drain(timeoutMillis: number): Promise<void>
}
