/**
 * What the server knows of a model: an `Engine`. Implementations live beside this file (`llama/`, later `upstream/`); a
 * fake of forty lines (`fake-engine.ts`) stands in for them in tests. Knows nothing of HTTP or of any API dialect.
 */

/** Sampling parameters of one sequence, in llama.cpp's vocabulary. Absent means the engine's default. */
export interface SamplingParams {
  /** 0 is greedy. */
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
  /** 32-bit; absent means a fresh random one. */
  readonly seed?: number
}

export interface GenerateRequest {
  /** Names the request in logs, metrics and timelines. */
  readonly id: string
  /** Text (special tokens are parsed; BOS is added when the model wants one and the text does not begin with it) or tokens as they are. */
  readonly prompt: string | readonly number[]
  /** Absent: until the context is full. */
  readonly maxTokens?: number
  readonly sampling: SamplingParams
  /** Generation ends before the first of these strings; none of its characters are emitted. */
  readonly stop: readonly string[]
  /** Log-probabilities with this many alternatives for each new token; absent means none. */
  readonly topLogprobs?: number
  /** Keeps going past end-of-generation tokens. */
  readonly ignoreEos?: boolean
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

export type FinishReason = 'stop' | 'length' | 'cancelled'

export interface GenerateUsage {
  readonly promptTokens: number
  /** Prompt tokens whose keys and values were already in the cache. */
  readonly cachedTokens: number
  readonly completionTokens: number
}

/** Milliseconds. */
export interface GenerateTimings {
  readonly queueMillis: number
  readonly prefillMillis: number
  readonly decodeMillis: number
}

export type GenerateEvent =
  /**
   * Text that is safe to show: whole characters, nothing that may turn out to be a stop string. `tokenCount` counts the
   * tokens whose text is shown by now and was not before; `logprobs` describes them, when `topLogprobs` was given.
   */
  | {
      readonly type: 'delta'
      readonly text: string
      readonly tokenCount: number
      readonly logprobs: readonly GeneratedToken[]
    }
  /** Always the last event. */
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      /** The stop string that ended it, when one did. */
      readonly stopString?: string
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
  readonly bosToken: string
  readonly eosToken: string
  /** Seconds since 1970. */
  readonly createdAt: number
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
}

/** One engine step, as telemetry and the batch timeline see it. */
export interface StepReport {
  readonly step: number
  readonly decodeTokens: number
  readonly prefillTokens: number
  readonly running: number
  readonly millis: number
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
  tokenize(
    text: string,
    options?: { readonly addSpecial?: boolean; readonly parseSpecial?: boolean },
  ): Promise<number[]>
  detokenize(tokens: readonly number[]): Promise<string>
  onStep(listener: (report: StepReport) => void): Disposable
  /** No new requests; resolves when the running ones are done or `timeoutMillis` has passed. */
  drain(timeoutMillis: number): Promise<void>
}
