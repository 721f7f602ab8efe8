/** What answers to a chat have in common, whole and streamed. */

import type { ChatChunk, ChatFinishReason } from '@hadal/protocol'
import type { ChoiceFinishReason, Generation } from '../generation.ts'

/**
 * Where the two APIs differ. DeepSeek's streams end with the usage, asked for or not, and those that the server cannot
 * finish with a finish reason; OpenAI's with an error.
 */
export type AnswerManner = 'openai' | 'deepseek'

/** What whole answers and streams are both made of. */
export interface ChatShape {
  readonly generation: Generation
  readonly manner: AnswerManner
  /** The older form of tools was asked for: one call, under other names. */
  readonly legacy: boolean
  readonly withLogprobs: boolean
  /** The same in every piece of the answer. */
  readonly common: Pick<ChatChunk, 'id' | 'created' | 'model' | 'system_fingerprint' | 'service_tier'>
}

export const finishReason = (reason: ChoiceFinishReason, legacy: boolean): ChatFinishReason =>
  legacy && reason === 'tool_calls' ? 'function_call' : reason
