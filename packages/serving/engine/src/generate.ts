/**
 * What an engine is asked to generate and what it tells of it: a prompt, how tokens are chosen, how the request waits, and the
 * events that come back. Knows no engine.
 */

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
