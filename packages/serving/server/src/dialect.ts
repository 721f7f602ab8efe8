/**
 * An API dialect: paths, and a translation of its body into a `Generation` with the formats of its responses. Each dialect is one such
 * object in its own folder; HTTP is handled once, in `generation-route.ts`.
 */

import type { HadalError } from '@hadal/base'
import type { ToolCall } from '@hadal/chat'
import type { GeneratedToken } from '@hadal/engine'
import type { Accept } from './answer/accept-body.ts'
import type { ChoiceDone, ChoiceEvent, ChoicePrompt, ChoiceUsage, Generation } from './generation.ts'
import type { ModelDirectory } from './model-directory.ts'
import type { RequestDefaults } from './request-defaults.ts'

export interface Dialect extends ErrorWriter {
  /** Alternative paths of one route. */
  readonly paths: readonly string[]
  /** Throws `invalid_request` with every issue of the body. */
  read(body: unknown, context: DialectContext): Promise<Exchange>
}

/** An API's error format, if it differs from OpenAI's. Also used for errors before `read`, such as bad keys or JSON. */
export interface ErrorWriter {
  /** `body` is the request body as far as it was parsed. Undefined: OpenAI's format. */
  errorBody?(error: HadalError, requestId: string, body: unknown): unknown
  errorStatus?(error: HadalError): number
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Error format of the route, if not OpenAI's. */
    readonly errors?: ErrorWriter
    /** Part of the console, not of the API. */
    readonly isPage?: boolean
  }
}

export interface DialectContext {
  /** The client, one per API key. */
  readonly client: string
  readonly models: Pick<ModelDirectory, 'find'>
  /** Returns the validated body or throws all of its issues. */
  readonly accept: Accept
  readonly defaults: RequestDefaults
  readonly recall: Recall
  /** Restores the client's original text where a response quotes it, because the guard may have inserted text. Absent: unchanged. */
  readonly asSent?: ((text: string) => string) | undefined
  readonly maxSequences: number
  /** Unix time in seconds. */
  readonly now: number
}

/** Looks up reasoning that a client drops between turns, by the tool call ids it led to; `owner` is the generation's. */
export type Recall = (callIds: readonly string[], owner?: string) => string | undefined

/** One request and the format of its response. Single use: it may keep state between events. */
export interface Exchange {
  readonly generation: Generation
  readonly stream: boolean
  /** Response headers other than the content type. */
  readonly headers?: Readonly<Record<string, string>>
  /** A no-op event for idle streams; an SSE comment if absent. */
  readonly keepAlive?: string
  /** The complete response of a non-streaming request. */
  answer(choices: readonly FinishedChoice[]): unknown
  /** Server-sent events for one generation event; may be empty. */
  event(event: ChoiceEvent): string
  /** The end of a stream, with each choice's usage. */
  end(usages: readonly ChoiceUsage[]): string
  /** The end of a failed stream. */
  failure(error: HadalError): string
}

export interface FinishedChoice {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Tokens of text and reasoning, in order. */
  readonly tokens: readonly number[]
  /** Log probabilities of the text's tokens. */
  readonly logprobs: readonly GeneratedToken[]
  readonly reasoningLogprobs: readonly GeneratedToken[]
  /** The prompt's log probabilities, if requested. */
  readonly prompt: ChoicePrompt['tokens']
  /** In their original order, `done` last: for APIs in which the order of content parts matters. */
  readonly events: readonly ChoiceEvent[]
  readonly done: ChoiceDone
}
