/**
 * The one request type inside the server: what every API dialect is translated into, and the events that come back. A
 * `Generate` runs it; a `GenerationLayer` wraps one in another, which is how text is screened before any engine work
 * and checked on its way out. Knows no dialect and no HTTP.
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
} from '@hadal/engine'
import type { Spelling } from './client-spelling.ts'
import type { RequestRecord } from './observability/request-record.ts'

/** What all sequences of a generation have in common. */
export type SequenceOptions = Omit<GenerateRequest, 'id' | 'prompt' | 'group'>

export interface Generation {
  /** Names it in answers, logs and the engine; unique in this process. */
  readonly id: string
  readonly engine: Engine
  /** What the client wrote, before any template, for those who read it. Empty for prompts given as tokens. */
  readonly texts: readonly { readonly role: string; readonly text: string }[]
  /** What the engine continues. */
  readonly prompts: readonly Prompt[]
  /** Sequences for each prompt. Choice `p * n + k` is the k-th of prompt p; it is seeded with `seed + k`. */
  readonly n: number
  readonly sequence: SequenceOptions
  /** From a choice's first token on; then its next line break ends it, with `length`. */
  readonly timeLimitMillis?: number
  /** For each choice: aborted when what it writes must end, with `content_filter`. */
  readonly cutoffs?: readonly AbortSignal[]
  /** Reads what the model writes, one parser for each choice; absent: all of it is content. */
  readonly parser?: () => OutputParser
  /** How the client calls what the engine may find fault with. */
  readonly spelling: Spelling
  /** Where it is written down how it went. */
  readonly record?: RequestRecord
}

export type ChoiceFinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  /** DeepSeek's: the server had to end it. */
  | 'insufficient_system_resource'

export interface ChoiceUsage extends GenerateUsage {
  readonly reasoningTokens: number
}

/** The prompt's own log-probabilities, before everything else, where they were asked for. */
export interface ChoicePrompt {
  readonly type: 'prompt'
  readonly choice: number
  readonly tokens: readonly PromptToken[]
}

/** How far its prompt is, where the sequence reports that; before everything else. */
export interface ChoiceProgress extends PromptProgress {
  readonly type: 'progress'
  readonly choice: number
}

/** More of an answer's text, or of the reasoning before it. `text` may be empty where only tokens are reported. */
export interface ChoiceDelta {
  readonly type: 'delta' | 'reasoning'
  readonly choice: number
  readonly text: string
  readonly tokens: readonly number[]
  readonly logprobs: readonly GeneratedToken[]
}

/** A tool call begins; its arguments follow. */
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
  /** The stop string or token that ended it, when one did. */
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

/** Ends when every choice is done; throws a `HadalError` otherwise, the signal's reason when that was aborted. */
export type Generate = (generation: Generation, signal: AbortSignal) => AsyncIterable<ChoiceEvent>

export type GenerationLayer = (next: Generate) => Generate
