/** Shared by streaming and non-streaming chat responses. */

import type { ChatChunk, ChatFinishReason } from '@hadal/protocol'
import type { ChoiceFinishReason, Generation } from '../generation.ts'

/**
 * Where the two APIs differ: DeepSeek's streams always end with usage, and report a server failure as a finish reason; OpenAI's report it
 * as an error.
 */
export type AnswerManner = 'openai' | 'deepseek'

/** Input of both response formats. */
export interface ChatShape {
  readonly generation: Generation
  readonly manner: AnswerManner
  /** The legacy function-calling fields were used: a single call, under other names. */
  readonly legacy: boolean
  readonly withLogprobs: boolean
  /** Fields repeated in every chunk. */
  readonly common: Pick<ChatChunk, 'id' | 'created' | 'model' | 'system_fingerprint' | 'service_tier'>
}

export const finishReason = (reason: ChoiceFinishReason, legacy: boolean): ChatFinishReason =>
  legacy && reason === 'tool_calls' ? 'function_call' : reason
