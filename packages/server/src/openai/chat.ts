/** POST /v1/chat/completions: OpenAI's body to a `Generation`. How the answer is written stands in `chat-answer.ts`. */

import { randomUUID } from 'node:crypto'
import { type Message, prepareChat } from '@hadal/chat'
import {
  type ChatMessage,
  type ChatRequest,
  chatRequestSchema,
  parse,
  type TextContent,
} from '@hadal/protocol'
import type { Dialect } from '../dialect.ts'
import type { Generation } from '../generation.ts'
import { chatExchange } from './chat-answer.ts'
import { checkSequences, refuse, sequenceFields, spellingOf } from './read-request.ts'

export const openaiChat: Dialect = {
  paths: ['/v1/chat/completions', '/chat/completions', '/beta/chat/completions', '/beta/v1/chat/completions'],
  async read(input, { models, accept, maxSequences, now }) {
    const body = accept(parse(chatRequestSchema, input))
    refuseUnsupported(body)
    checkSequences(1, body.n ?? 1, maxSequences)
    const engine = models.find(body.model)
    const chat = prepareChat(engine.model, { messages: body.messages.map(asMessage) })
    const maxTokens = body.max_completion_tokens ?? body.max_tokens
    const generation: Generation = {
      id: `chatcmpl-${randomUUID()}`,
      engine,
      texts: body.messages.map(({ role, content }) => ({ role, text: textOf(content) })),
      prompts: [{ pieces: chat.pieces }],
      n: body.n ?? 1,
      sequence: {
        ...sequenceFields(body),
        ...(maxTokens !== undefined && { maxTokens }),
        ...(body.logprobs === true && { topLogprobs: body.top_logprobs ?? 0 }),
      },
      parser: chat.parser,
      spelling: spellingOf(body, {
        prompt: 'messages',
        maxTokens: body.max_completion_tokens === undefined ? 'max_tokens' : 'max_completion_tokens',
        topLogprobs: 'top_logprobs',
      }),
    }
    return chatExchange(generation, body, now)
  },
}

/** `developer` is OpenAI's newer name for `system`, which no template knows. */
function asMessage(message: ChatMessage): Message {
  return {
    role: message.role === 'developer' ? 'system' : message.role,
    content: textOf(message.content),
  }
}

function textOf(content: TextContent | undefined): string {
  if (content === undefined || typeof content === 'string') return content ?? ''
  return content.map((part) => part.text).join('')
}

function refuseUnsupported(body: ChatRequest): void {
  if (body.tools?.length && body.tool_choice !== 'none') refuse('tools', 'calling tools')
  if (body.functions?.length) refuse('functions', 'calling functions')
  if (body.response_format && body.response_format.type !== 'text')
    refuse('response_format', `the type ${JSON.stringify(body.response_format.type)}`)
  const modality = body.modalities?.find((each) => each !== 'text')
  if (modality !== undefined) refuse('modalities', JSON.stringify(modality))
}
