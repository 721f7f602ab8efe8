/**
 * What an API dialect is: a path, and a translation of its body into a `Generation` with the two ways of writing the
 * answer. Each dialect is one such object in a folder of its own; HTTP is done once, in `generation-route.ts`.
 */

import type { ToolCall } from '@hadal/chat'
import type { GeneratedToken } from '@hadal/engine'
import type { ErrorBody } from '@hadal/protocol'
import type { ChoiceDone, ChoiceEvent, ChoicePrompt, ChoiceUsage, Generation } from './generation.ts'
import type { ModelDirectory } from './model-directory.ts'

export interface Dialect {
  readonly path: string
  /** Throws `invalid_request` with every fault of the body. */
  read(body: unknown, context: DialectContext): Promise<Exchange>
}

export interface DialectContext {
  readonly models: ModelDirectory
  readonly maxSequences: number
  /** Seconds since 1970. */
  readonly now: number
}

/** One request and how to write its answer. Used once: it may keep state between events. */
export interface Exchange {
  readonly generation: Generation
  readonly stream: boolean
  /** The whole answer, for a request that does not stream. */
  answer(choices: readonly FinishedChoice[]): unknown
  /** Server-sent events for one event of the generation; may be empty. */
  event(event: ChoiceEvent): string
  /** The end of a stream; the usage of each choice. */
  end(usages: readonly ChoiceUsage[]): string
  /** The end of a stream that failed. */
  failure(body: ErrorBody): string
}

export interface FinishedChoice {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Of text and reasoning, in order. */
  readonly tokens: readonly number[]
  readonly logprobs: readonly GeneratedToken[]
  /** The prompt's own, where they were asked for. */
  readonly prompt: ChoicePrompt['tokens']
  readonly done: ChoiceDone
}
