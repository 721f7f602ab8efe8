/**
 * A conversation: a tree of messages per column, with one path shown. Editing and regenerating create siblings, so nothing is lost. Plain
 * data for IndexedDB and export; operations are in thread.ts.
 */

import type { RequestTimeline } from '@hadal/protocol'
import type { Settings } from './settings/settings.ts'

export interface Conversation {
  readonly id: string
  /** Derived from the first question until the user renames it. */
  readonly title: string
  readonly isRenamed: boolean
  /** Milliseconds since 1970, as all `…At` are. */
  readonly createdAt: number
  readonly updatedAt: number
  /** One, or several models side by side with the same prompts. */
  readonly columns: readonly Column[]
}

export interface Column {
  readonly id: string
  readonly settings: Settings
  /** By id. A question that was sent to several columns has the same id in each. */
  readonly messages: Readonly<Record<string, Message>>
  /** The child that is shown, by the id of its parent; that of the first message by `''`. */
  readonly chosen: Readonly<Record<string, string>>
}

export interface Message {
  readonly id: string
  /** The message before it; `''` for the first. */
  readonly parent: string
  /** `tool`: what a person answered to the calls of the message before. */
  readonly role: 'user' | 'assistant' | 'tool'
  readonly parts: readonly Part[]
  readonly state: MessageState
  readonly createdAt: number
  /** Assistant messages: the model that generated them. */
  readonly model?: string
  /** As the server calls the request. */
  readonly requestId?: string
  readonly finishReason?: FinishReason
  readonly usage?: TokenUsage
  readonly timing?: Timing
  /** As the server measured it: docs/observability.md. */
  readonly timeline?: RequestTimeline
  /** Where `state` is `failed`. What came before it stays in `parts`. */
  readonly error?: MessageError
  /** The response format required JSON, and this schema if there is one. */
  readonly expects?: { readonly kind: 'json'; readonly schema?: unknown }
}

/**
 * `waiting`: nothing has come yet. `stopped`: by the person, or because the page was closed meanwhile. `failed`: the server
 * said an error, or the stream broke.
 */
export type MessageState = 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed'

export type FinishReason =
  | 'stop'
  | 'length'
  | 'tool_calls'
  | 'content_filter'
  | 'insufficient_system_resource'
  /** Values of other servers. */
  | (string & {})

export type Part = TextPart | ReasoningPart | ToolCallPart | ToolResultPart

export interface TextPart {
  readonly type: 'text'
  readonly text: string
  /** If log-probabilities were requested; together they are the text. */
  readonly tokens?: readonly Token[]
}

export interface ReasoningPart {
  readonly type: 'reasoning'
  readonly text: string
  readonly tokens?: readonly Token[]
  /** Duration in ms; absent while in progress. */
  readonly millis?: number
}

export interface ToolCallPart {
  readonly type: 'tool_call'
  readonly id: string
  readonly name: string
  /** JSON text as it comes: unfinished while the message is streaming, and whatever the model wrote. */
  readonly arguments: string
}

/** Only in messages whose role is `tool`: one for each call. */
export interface ToolResultPart {
  readonly type: 'tool_result'
  readonly callId: string
  readonly name: string
  readonly text: string
}

export interface Token {
  readonly text: string
  /** Natural logarithm of its probability. */
  readonly logprob: number
  /** UTF-8: a token may be half a character. */
  readonly bytes: readonly number[]
  /** The likeliest at this place, the likeliest first; the token itself may be among them. */
  readonly top: readonly {
    readonly text: string
    readonly logprob: number
    readonly bytes: readonly number[]
  }[]
}

export interface TokenUsage {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly completionTokens: number
  readonly reasoningTokens: number
  readonly acceptedDraftTokens: number
  readonly rejectedDraftTokens: number
}

/** As the page saw it, in milliseconds since the request was sent. */
export interface Timing {
  readonly firstTokenMillis?: number
  /** Absent while streaming. */
  readonly endMillis?: number
}

export interface MessageError {
  /** 0 if there was no response or it broke off. */
  readonly status: number
  readonly code: string
  readonly message: string
  readonly help?: string
  /** When the server accepts a retry: milliseconds since 1970. */
  readonly retryAt?: number
}

/** All that was said in the text parts, without reasoning. */
export const textOf = (message: Message): string =>
  message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
