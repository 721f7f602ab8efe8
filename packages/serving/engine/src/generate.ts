/** Generation requests and events: prompt, sampling, scheduling, and the events that an engine emits. */

/** Sampling parameters of one sequence, in llama.cpp's vocabulary. Absent means the engine's default. */
export interface SamplingParams {
  /** 0 or less is greedy. */
  readonly temperature?: number
  /** 0 disables it. */
  readonly topK?: number
  readonly topP?: number
  readonly minP?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  /** 1 disables it. */
  readonly repeatPenalty?: number
  /** Number of recent tokens that the penalties consider. */
  readonly penaltyWindow?: number
  /** Token id to additive bias; -100 bans, +100 forces. */
  readonly logitBias?: ReadonlyMap<number, number>
  /** Keeps tokens within this many standard deviations of the best logit; below 0 disables it. */
  readonly topNSigma?: number
  /** Locally typical sampling; 1 disables it. */
  readonly typicalP?: number
  /** XTC: probability of removing the most likely tokens; 0 disables it. */
  readonly xtcProbability?: number
  /** XTC: minimum probability of a token to be removed; above 0.5 disables it. */
  readonly xtcThreshold?: number
  /** Entropy changes the temperature by up to this much; 0 disables it. */
  readonly dynamicTemperatureRange?: number
  readonly dynamicTemperatureExponent?: number
  /** DRY: strength of the penalty on repeated sequences; 0 disables it. */
  readonly dryMultiplier?: number
  readonly dryBase?: number
  /** DRY: longest repetition without penalty. */
  readonly dryAllowedLength?: number
  /** DRY: number of recent tokens to consider; -1 means the context. */
  readonly dryPenaltyWindow?: number
  /** DRY: texts that end a sequence. */
  readonly drySequenceBreakers?: readonly string[]
  /** 0 is off; 1 and 2 select the version, which replaces the truncating samplers. */
  readonly mirostat?: 0 | 1 | 2
  readonly mirostatTau?: number
  readonly mirostatEta?: number
  /** Truncating samplers keep at least this many tokens. */
  readonly minKeep?: number
  /** The samplers to run, in order; absent means llama.cpp's order. */
  readonly samplers?: readonly SamplerName[]
  /** 32-bit; absent means a random seed. */
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
 * What the engine continues: text (special tokens are parsed; BOS is added if the model wants one and the text does not start
 * with it), tokens, or pieces of text. Special tokens are not recognised across the border of two pieces, so user text cannot
 * forge the surrounding markup.
 */
export type Prompt = string | readonly number[] | { readonly pieces: readonly string[] }

/** Constrains the output, in llama.cpp's grammar notation (GBNF); the root rule is `root`. */
export interface Grammar {
  readonly gbnf: string
  /**
   * Absent: from the first token on. Otherwise it applies from the first occurrence of one of these texts, which is part of the
   * match.
   */
  readonly after?: readonly string[]
}

/** Limits reasoning: after `budget` tokens, the engine continues as if the model had written `end`. */
export interface ThinkingLimit {
  /** In tokens; 0 ends it immediately. */
  readonly budget: number
  /** The text that starts the reasoning; '' if the prompt contains it. */
  readonly start: string
  readonly end: string
}

/** A LoRA adapter applied to a sequence. */
export interface AdapterUse {
  readonly id: string
  readonly scale: number
}

/** Scheduling attributes of a request. */
export interface Scheduling {
  /** Lower goes first, as in vLLM; 0 by default. A more urgent request can preempt a running one, which resumes later. */
  readonly priority?: number
  /** The client it belongs to: clients share the capacity by their weights. */
  readonly client?: string
  /** Its first result is worthless after this time: it then throws `deadline_unmet`, or earlier if the miss is predictable. */
  readonly deadlineMillis?: number
}

export interface GenerateRequest extends Scheduling {
  /** The request's id in logs, metrics and timelines. */
  readonly id: string
  readonly prompt: Prompt
  /** Absent: until the context is full. */
  readonly maxTokens?: number
  readonly sampling: SamplingParams
  /** Generation ends before the first of these strings; none of their characters are emitted. */
  readonly stop: readonly string[]
  /** Log-probabilities with this many alternatives per new token; absent means none. */
  readonly topLogprobs?: number
  /** The same for each prompt token, in a `prompt` event; the first one has none. */
  readonly promptLogprobs?: number
  /** Log-probabilities after the samplers (temperature, penalties, truncation, grammar) instead of the model's own. */
  readonly logprobsAfterSampling?: boolean
  /** Suppresses end-of-generation tokens, except those in `stopTokens`. */
  readonly ignoreEos?: boolean
  /** Suppresses end tokens for this many tokens; if a grammar allows nothing else, generation ends without one. */
  readonly minTokens?: number
  /** Generation also ends with one of these tokens; its text is not emitted. */
  readonly stopTokens?: readonly number[]
  readonly grammar?: Grammar
  readonly thinking?: ThinkingLimit
  /**
   * Emits the text of control tokens (`ModelInfo.controlTokens`), except those that end generation: some model families write
   * tool calls with them. Otherwise they have no text.
   */
  readonly controlText?: boolean
  /** Sequences of one group share one prompt and compute it once. */
  readonly group?: string
  /** Adapters and their scales; absent means the engine's default set. */
  readonly adapters?: readonly AdapterUse[]
  /** Whether cached cells of an earlier sequence may be reused; true by default. */
  readonly reusePrefix?: boolean
  /** Prompts share cells only with prompts of the same owner. */
  readonly owner?: string
  /** Emit `progress` events about prompt processing. */
  readonly reportsProgress?: boolean
}

export interface TokenLogprob {
  readonly token: number
  /** The token's bytes as text, U+FFFD where they are not a whole character. */
  readonly text: string
  readonly bytes: readonly number[]
  readonly logprob: number
}

export interface GeneratedToken extends TokenLogprob {
  /** Best first; empty unless requested. */
  readonly top: readonly TokenLogprob[]
}

/** A prompt token given those before it: the first one has no log-probability and no alternatives. */
export interface PromptToken extends Omit<GeneratedToken, 'logprob'> {
  readonly logprob?: number
}

export type FinishReason = 'stop' | 'length' | 'cancelled'

export interface GenerateUsage {
  readonly promptTokens: number
  /** Prompt tokens whose keys and values were already cached. */
  readonly cachedTokens: number
  readonly completionTokens: number
  /** Draft tokens that were proposed and accepted; absent if there were none. */
  readonly draftTokens?: number
  readonly acceptedDraftTokens?: number
}

/** Prompt processing progress. */
export interface PromptProgress {
  readonly promptTokens: number
  /** Tokens whose keys and values were already cached. */
  readonly cachedTokens: number
  /** Computed tokens, including the cached ones. */
  readonly computedTokens: number
  /** Since it got its slot. */
  readonly millis: number
}

/** Milliseconds. */
export interface GenerateTimings {
  readonly queueMillis: number
  readonly prefillMillis: number
  readonly decodeMillis: number
}

export type GenerateEvent =
  /** If `reportsProgress` is set: when the prompt gets its slot, and whenever more of it was computed. */
  | ({ readonly type: 'progress' } & PromptProgress)
  /** Before all others, if `promptLogprobs` was given. */
  | { readonly type: 'prompt'; readonly tokens: readonly PromptToken[] }
  /**
   * Text that is safe to show: whole characters, no part of a possible stop string. `tokenCount` counts the tokens whose text
   * is new since the last event; `logprobs` describes them if `topLogprobs` was given.
   */
  | {
      readonly type: 'delta'
      readonly text: string
      readonly tokenCount: number
      readonly logprobs: readonly GeneratedToken[]
      /** The ids of the tokens counted by `tokenCount`. */
      readonly tokens: readonly number[]
    }
  /** Always the last event. */
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      /** The stop string that ended it, if any. */
      readonly stopString?: string
      /** The token that ended it, if any: an end-of-generation token or one of `stopTokens`. */
      readonly stopToken?: number
      readonly usage: GenerateUsage
      readonly timings: GenerateTimings
    }
