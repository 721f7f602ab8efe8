/**
 * The server's internal request type, to which every API dialect is translated, and its events. A `Generate` runs it; a `GenerationLayer`
 * wraps one, for example to screen text before any engine work and on its way out. Independent of dialects and HTTP.
 */

import type { OutputParser } from '@hadal/chat'
import type {
  Engine,
  GeneratedToken,
  GenerateRequest,
  GenerateTimings,
  GenerateUsage,
  Prompt,
  PromptProgress,
  PromptToken,
  SamplingParams,
} from '@hadal/engine'
import type { RequestRecord } from './observability/request-record.ts'

/** Maps the engine's field names to the client's. */
export type Spelling = Readonly<
  Partial<
    Record<keyof SamplingParams | 'stopTokens' | 'minTokens' | 'grammar' | 'adapters', string | undefined>
  > &
    Record<'prompt' | 'maxTokens' | 'topLogprobs', string>
>

/** Options shared by all sequences of a generation. */
export type SequenceOptions = Omit<GenerateRequest, 'id' | 'prompt' | 'group'>

export interface Generation {
  /** Identifies the request in responses, logs and the engine; unique in this process. */
  readonly id: string
  readonly engine: Engine
  /** The client's texts before templating, for inspection. Empty for prompts given as tokens. */
  readonly texts: readonly { readonly role: string; readonly text: string }[]
  /** The engine's input. */
  readonly prompts: readonly Prompt[]
  /** Sequences per prompt. Choice `p * n + k` is the k-th of prompt p and is seeded with `seed + k`. */
  readonly n: number
  readonly sequence: SequenceOptions
  /** Counted from a choice's first token; once exceeded, the next line break ends the choice with `length`. */
  readonly timeLimitMillis?: number
  /** Per choice: aborting ends its output with `content_filter`. */
  readonly cutoffs?: readonly AbortSignal[]
  /** Creates an output parser per choice; absent: all output is content. */
  readonly parser?: () => OutputParser
  /** The client's names for the fields an engine may reject. */
  readonly spelling: Spelling
  /** Records timings and usage of the request. */
  readonly record?: RequestRecord
}

export type ChoiceFinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  /** DeepSeek's value: the server aborted the request. */
  | 'insufficient_system_resource'

export interface ChoiceUsage extends GenerateUsage {
  readonly reasoningTokens: number
}

/** The prompt's log probabilities, if requested; emitted before other events. */
export interface ChoicePrompt {
  readonly type: 'prompt'
  readonly choice: number
  readonly tokens: readonly PromptToken[]
}

/** Prefill progress, if the sequence reports it; emitted before other events. */
export interface ChoiceProgress extends PromptProgress {
  readonly type: 'progress'
  readonly choice: number
}

/** New text or reasoning. `text` may be empty if only tokens are reported. */
export interface ChoiceDelta {
  readonly type: 'delta' | 'reasoning'
  readonly choice: number
  readonly text: string
  readonly tokens: readonly number[]
  readonly logprobs: readonly GeneratedToken[]
}

/** Starts a tool call; its arguments follow. */
export interface ChoiceTool {
  readonly type: 'tool'
  readonly choice: number
  readonly index: number
  readonly id: string
  readonly name: string
}

export interface ChoiceArguments {
  readonly type: 'arguments'
  readonly choice: number
  readonly index: number
  readonly text: string
}

/** The last event of a choice. */
export interface ChoiceDone {
  readonly type: 'done'
  readonly choice: number
  readonly finishReason: ChoiceFinishReason
  /** The stop string or token that ended the choice, if any. */
  readonly stopString?: string
  readonly stopToken?: number
  readonly usage: ChoiceUsage
  readonly timings: GenerateTimings
}

export type ChoiceEvent =
  | ChoiceProgress
  | ChoicePrompt
  | ChoiceDelta
  | ChoiceTool
  | ChoiceArguments
  | ChoiceDone

/** Ends when every choice is done. Otherwise throws a `HadalError`, or the signal's reason if aborted. */
export type Generate = (generation: Generation, signal: AbortSignal) => AsyncIterable<ChoiceEvent>

export type GenerationLayer = (next: Generate) => Generate
