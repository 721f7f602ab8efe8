/**
 * What an API dialect is: paths, and a translation of its body into a `Generation` with the two ways of writing the
 * answer. Each dialect is one such object in a folder of its own; HTTP is done once, in `generation-route.ts`.
 */

import type { HadalError } from '@hadal/base'
import type { ToolCall } from '@hadal/chat'
import type { GeneratedToken } from '@hadal/engine'
import type { Accept } from './answer/accept-body.ts'
import type { ChoiceDone, ChoiceEvent, ChoicePrompt, ChoiceUsage, Generation } from './generation.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface Dialect extends ErrorWriter {
  /** Spellings of one route. */
  readonly paths: readonly string[]
  /** Throws `invalid_request` with every fault of the body. */
  read(body: unknown, context: DialectContext): Promise<Exchange>
}

/** How an API words errors, where it differs from OpenAI's. Also of errors before `read`: keys, JSON. */
export interface ErrorWriter {
  /** `body` is the request's, as far as it could be read. Undefined: as OpenAI's. */
  errorBody?(error: HadalError, requestId: string, body: unknown): unknown
  errorStatus?(error: HadalError): number
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route whose errors are not written as OpenAI's. */
    readonly errors?: ErrorWriter
    /** Of the console, not of the API. */
    readonly isPage?: boolean
  }
}

export interface DialectContext {
  /** Who asks: one for each API key. */
  readonly client: string
  readonly models: Pick<ModelDirectory, 'find'>
  /** The body that a schema took, or every fault of it. */
  readonly accept: Accept
  readonly defaults: RequestDefaults
  readonly recall: Recall
  /** What the client sent, where an answer quotes it: the guard may have put something in. Absent: the same. */
  readonly asSent?: ((text: string) => string) | undefined
  readonly maxSequences: number
  /** Seconds since 1970. */
  readonly now: number
}

/** Thoughts that a client drops between turns, by the tool calls they led to; `owner` is that of the generation. */
export type Recall = (callIds: readonly string[], owner?: string) => string | undefined

/** One request and how to write its answer. Used once: it may keep state between events. */
export interface Exchange {
  readonly generation: Generation
  readonly stream: boolean
  /** Of the answer, beside its content type. */
  readonly headers?: Readonly<Record<string, string>>
  /** An event that says nothing, for streams that have nothing to say yet; a comment when absent. */
  readonly keepAlive?: string
  /** The whole answer, for a request that does not stream. */
  answer(choices: readonly FinishedChoice[]): unknown
  /** Server-sent events for one event of the generation; may be empty. */
  event(event: ChoiceEvent): string
  /** The end of a stream; the usage of each choice. */
  end(usages: readonly ChoiceUsage[]): string
  /** The end of a stream that failed. */
  failure(error: HadalError): string
}

export interface FinishedChoice {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Of text and reasoning, in order. */
  readonly tokens: readonly number[]
  /** Of the text. */
  readonly logprobs: readonly GeneratedToken[]
  readonly reasoningLogprobs: readonly GeneratedToken[]
  /** The prompt's own, where they were asked for. */
  readonly prompt: ChoicePrompt['tokens']
  /** As they came, `done` last: for APIs in which the order of an answer's parts counts. */
  readonly events: readonly ChoiceEvent[]
  readonly done: ChoiceDone
}
