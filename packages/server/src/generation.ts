/**
 * The one request type inside the server: what every API dialect is translated into, and the events that come back. A
 * `Generate` runs it; a `GenerationLayer` wraps one in another, which is how text is screened before any engine work
 * and checked on its way out. Knows no dialect and no HTTP.
 */

import type { Engine, GeneratedToken, GenerateTimings, GenerateUsage, SamplingParams } from '@hadal/engine'
import type { Spelling } from './client-spelling.ts'

export interface Generation {
  /** Names it in answers, logs and the engine; unique in this process. */
  readonly id: string
  readonly engine: Engine
  /** What the client wrote, before any template, for those who read it. Empty for prompts given as tokens. */
  readonly texts: readonly { readonly role: string; readonly text: string }[]
  /** What the engine continues. */
  readonly prompts: readonly (string | readonly number[])[]
  /** Sequences for each prompt. Choice `p * n + k` is the k-th of prompt p. */
  readonly n: number
  readonly maxTokens?: number
  readonly sampling: SamplingParams
  readonly stop: readonly string[]
  readonly topLogprobs?: number
  readonly ignoreEos: boolean
  /** How the client calls what the engine may find fault with. */
  readonly spelling: Spelling
}

export type ChoiceFinishReason = 'stop' | 'length' | 'content_filter'

export interface ChoiceDelta {
  readonly type: 'delta'
  readonly choice: number
  readonly text: string
  readonly logprobs: readonly GeneratedToken[]
}

/** The last event of a choice. */
export interface ChoiceDone {
  readonly type: 'done'
  readonly choice: number
  readonly finishReason: ChoiceFinishReason
  readonly usage: GenerateUsage
  readonly timings: GenerateTimings
}

export type ChoiceEvent = ChoiceDelta | ChoiceDone

/** Ends when every choice is done; throws a `HadalError` otherwise, the signal's reason when that was aborted. */
export type Generate = (generation: Generation, signal: AbortSignal) => AsyncIterable<ChoiceEvent>

export type GenerationLayer = (next: Generate) => Generate
