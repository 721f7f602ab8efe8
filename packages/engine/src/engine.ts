/**
 * What the server knows of a model: an `Engine`. Implementations live beside this file (`llama/`, later `upstream/`); a
 * fake of forty lines (`fake-engine.ts`) stands in for them in tests. Knows nothing of HTTP or of any API dialect.
 */

import type { HadalError } from '@hadal/base'

/** Sampling parameters of one sequence, in llama.cpp's vocabulary. Absent means the engine's default. */
export interface SamplingParams {
  /** 0 is greedy; so is less. */
  readonly temperature?: number
  /** 0 turns it off. */
  readonly topK?: number
  readonly topP?: number
  readonly minP?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  /** 1 turns it off. */
  readonly repeatPenalty?: number
  /** How many of the last tokens the penalties look at. */
  readonly penaltyWindow?: number
  /** Token id to additive bias; -100 bans, +100 forces. */
  readonly logitBias?: ReadonlyMap<number, number>
  /** Keeps tokens within this many standard deviations of the best logit; below 0 turns it off. */
  readonly topNSigma?: number
  /** Locally typical sampling; 1 turns it off. */
  readonly typicalP?: number
  /** XTC: chance that the likeliest tokens are left out; 0 turns it off. */
  readonly xtcProbability?: number
  /** XTC: how likely a token must be to be left out; above 0.5 turns it off. */
  readonly xtcThreshold?: number
  /** Entropy moves the temperature by up to this much either way; 0 turns it off. */
  readonly dynamicTemperatureRange?: number
  readonly dynamicTemperatureExponent?: number
  /** DRY: strength of the penalty on repeated sequences; 0 turns it off. */
  readonly dryMultiplier?: number
  readonly dryBase?: number
  /** DRY: longest repetition that is free. */
  readonly dryAllowedLength?: number
  /** DRY: how many of the last tokens it looks at; -1 means the context. */
  readonly dryPenaltyWindow?: number
  /** DRY: texts that end a sequence. */
  readonly drySequenceBreakers?: readonly string[]
  /** 0 is off; 1 and 2 are the two algorithms, which replace the truncating samplers. */
  readonly mirostat?: 0 | 1 | 2
  readonly mirostatTau?: number
  readonly mirostatEta?: number
  /** Truncating samplers leave at least this many tokens. */
  readonly minKeep?: number
  /** Which samplers run, in which order; absent means llama.cpp's order. */
  readonly samplers?: readonly SamplerName[]
  /** 32-bit; absent means a fresh random one. */
  readonly seed?: number
}

export type SamplerName =
  | 'penalties'
  | 'dry'
  | 'top_n_sigma'
  | 'top_k'
  | 'typ_p'
  | 'top_p'
  | 'min_p'
  | 'xtc'
  | 'temperature'

/**
 * What the engine continues: text (special tokens are parsed; BOS is added when the model wants one and the text does not
 * begin with it), tokens as they are, or pieces of text, of which no special token is read across a border: so what a
 * user wrote cannot pass for the markup around it.
 */
export type Prompt = string | readonly number[] | { readonly pieces: readonly string[] }

/** What the text must look like, in llama.cpp's grammar notation (GBNF); its root rule is `root`. */
export interface Grammar {
  readonly gbnf: string
  /** Absent: from the first token on. Else from the first of these texts on, which belongs to what the grammar describes. */
  readonly after?: readonly string[]
}

/** Reasoning that ends by force: after `budget` tokens of it, the engine goes on as if the model had written `end`. */
export interface ThinkingLimit {
  /** Tokens; 0 ends it at once. */
  readonly budget: number
  /** What opens the reasoning; '' when the prompt has opened it already. */
  readonly start: string
  readonly end: string
}

/** A LoRA adapter at work in a sequence. */
export interface AdapterUse {
  readonly id: string
  readonly scale: number
}

/** How a request waits for its turn among others. */
export interface Scheduling {
  /** Lower goes first, as in vLLM; 0 by default. One more urgent can take the place of one that runs, which goes on later. */
  readonly priority?: number
  /** Whose it is: clients share what there is by their weights. */
  readonly client?: string
  /** Its first result is worth nothing later: then, or as soon as that is foreseen, it throws `deadline_unmet`. */
  readonly deadlineMillis?: number
}

export interface GenerateRequest extends Scheduling {
  /** Names the request in logs, metrics and timelines. */
  readonly id: string
  readonly prompt: Prompt
  /** Absent: until the context is full. */
  readonly maxTokens?: number
  readonly sampling: SamplingParams
  /** Generation ends before the first of these strings; none of its characters are emitted. */
  readonly stop: readonly string[]
  /** Log-probabilities with this many alternatives for each new token; absent means none. */
  readonly topLogprobs?: number
  /** The same for each token of the prompt, in a `prompt` event; the first has none. */
  readonly promptLogprobs?: number
  /** Log-probabilities are of what the samplers left (temperature, penalties, truncation, grammar), not of the model itself. */
  readonly logprobsAfterSampling?: boolean
  /** End-of-generation tokens never come, but those that `stopTokens` names. */
  readonly ignoreEos?: boolean
  /** No token that ends generation comes before this many tokens; where a grammar leaves no other, generation ends without one. */
  readonly minTokens?: number
  /** Generation ends with one of these tokens, too; its text is not shown. */
  readonly stopTokens?: readonly number[]
  readonly grammar?: Grammar
  readonly thinking?: ThinkingLimit
  /**
   * The text of control tokens (`ModelInfo.controlTokens`) is output like any other, apart from those that end generation:
   * some families write tool calls with them. Without it they have no text.
   */
  readonly controlText?: boolean
  /** Sequences of one group share one prompt, and compute it once. */
  readonly group?: string
  /** Adapters and their scales; absent means those of the engine's default set. */
  readonly adapters?: readonly AdapterUse[]
  /** Whether cells of an earlier sequence may serve this prompt; true by default. */
  readonly reusePrefix?: boolean
  /** Prompts share cells only with prompts of the same owner. */
  readonly owner?: string
  /** `progress` events tell how far the prompt is. */
  readonly reportsProgress?: boolean
}

export interface TokenLogprob {
  readonly token: number
  /** The token's bytes as text, U+FFFD where they are no whole character. */
  readonly text: string
  readonly bytes: readonly number[]
  readonly logprob: number
}

export interface GeneratedToken extends TokenLogprob {
  /** Best first; empty unless asked for. */
  readonly top: readonly TokenLogprob[]
}

/** A token of the prompt, given those before it: the first has no log-probability and no alternatives. */
export interface PromptToken extends Omit<GeneratedToken, 'logprob'> {
  readonly logprob?: number
}

export type FinishReason = 'stop' | 'length' | 'cancelled'

export interface GenerateUsage {
  readonly promptTokens: number
  /** Prompt tokens whose keys and values were already in the cache. */
  readonly cachedTokens: number
  readonly completionTokens: number
  /** Tokens a draft proposed and the model agreed to; absent where there was no draft. */
  readonly draftTokens?: number
  readonly acceptedDraftTokens?: number
}

/** How far a prompt is. */
export interface PromptProgress {
  readonly promptTokens: number
  /** Those whose keys and values were already in the cache. */
  readonly cachedTokens: number
  /** These among them. */
  readonly computedTokens: number
  /** Since it had its place. */
  readonly millis: number
}

/** Milliseconds. */
export interface GenerateTimings {
  readonly queueMillis: number
  readonly prefillMillis: number
  readonly decodeMillis: number
}

export type GenerateEvent =
  /** Where `reportsProgress` was set: once when the prompt has its place, and whenever more of it was computed. */
  | ({ readonly type: 'progress' } & PromptProgress)
  /** Before everything else, when `promptLogprobs` was given. */
  | { readonly type: 'prompt'; readonly tokens: readonly PromptToken[] }
  /**
   * Text that is safe to show: whole characters, nothing that may turn out to be a stop string. `tokenCount` counts the
   * tokens whose text is shown by now and was not before; `logprobs` describes them, when `topLogprobs` was given.
   */
  | {
      readonly type: 'delta'
      readonly text: string
      readonly tokenCount: number
      readonly logprobs: readonly GeneratedToken[]
      /** The ids of the tokens that `tokenCount` counts. */
      readonly tokens: readonly number[]
    }
  /** Always the last event. */
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      /** The stop string that ended it, when one did. */
      readonly stopString?: string
      /** The token that ended it, when one did: of end of generation, or of `stopTokens`. */
      readonly stopToken?: number
      readonly usage: GenerateUsage
      readonly timings: GenerateTimings
    }

export interface ModelInfo {
  /** As clients name it in `model`. */
  readonly id: string
  readonly path: string
  readonly architecture: string
  readonly parameterCount: number
  readonly fileBytes: number
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
}

export type Pooling = 'none' | 'mean' | 'cls' | 'last'

export interface EmbedRequest extends Scheduling {
  readonly id: string
  readonly inputs: readonly Prompt[]
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

export interface AdapterInfo {
  readonly id: string
  readonly path: string
  /** Of requests that name no adapters; 0 means not used then. */
  readonly scale: number
}

/** A place for a sequence. */
export interface SlotInfo {
  readonly slot: number
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
  /** Of the process that serves now; absent before the first is ready. */
  readonly start?: StartReport
  readonly slots: readonly SlotInfo[]
}

/** One engine step, as telemetry and the batch timeline see it. */
export interface StepReport {
  readonly step: number
  readonly decodeTokens: number
  readonly prefillTokens: number
  /** Tokens that each of them looked back at, all together. Absent where it was not counted. */
  readonly attendedTokens?: number
  /** A pass over whole texts, to embed or to rank them; else a step of generation. */
  readonly isPass?: boolean
  readonly running: number
  readonly millis: number
  /** Of them, spent in the library’s computation; the rest is sampling, texts and our own work. Absent where it was not measured. */
  readonly nativeMillis?: number
  /** Sequences that were put aside before it, for others or for want of cells; absent where none was. */
  readonly preemptions?: number
  /** Speculative decoding: drafts that were checked, and their tokens; of these, as many as were right. Part of `decodeTokens`. */
  readonly drafts?: { readonly count: number; readonly tokens: number; readonly accepted: number }
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
   * Vectors of whole texts. Several are computed in one pass. Throws `embeddings_off` (501) when the engine was not started
   * for it, `context_length_exceeded` for an input too long, `too_many_vectors` (400), and whatever `generate` throws of
   * queues and crashes. Aborting `signal` takes it out of the passes to come; it then throws the signal's reason.
   */
  embed(request: EmbedRequest, signal?: AbortSignal): Promise<Embeddings>
  /** How well each document answers the query. Throws `reranking_off` (501) when the model is no reranker; otherwise as `embed`. */
  rerank(request: RerankRequest, signal?: AbortSignal): Promise<Relevance>
  /** In the order they were loaded. */
  readonly adapters: readonly AdapterInfo[]
  /** Throws `adapter_unusable`, and `adapter_exists` when the id is taken. */
  loadAdapter(adapter: AdapterInfo): Promise<void>
  /** For requests to come; those that run keep theirs until they end. Throws `adapter_unknown`. */
  unloadAdapter(id: string): Promise<void>
  /** The default set: of requests that name no adapters. Throws `adapter_unknown`. */
  setAdapterScales(scales: readonly AdapterUse[]): Promise<void>
  onStep(listener: (report: StepReport) => void): Disposable
  /** As they are now; absent where nothing may change. */
  readonly limits?: EngineLimits
  /** From the next step on; who runs goes on. Returns what they are then: what the engine was started with bounds them. */
  limit?(changed: Partial<EngineLimits>): EngineLimits
  /** No new requests; resolves when the running ones are done or `timeoutMillis` has passed. */
  drain(timeoutMillis: number): Promise<void>
}
