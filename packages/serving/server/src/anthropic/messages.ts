/** POST /v1/messages: converts Anthropic's body to a `Generation`. `message-answer.ts` formats the response. */

import { randomUUID } from 'node:crypto'
import { anthropicRequestSchema, parse } from '@hadal/protocol'
import { chatGeneration } from '../chat-generation.ts'
import type { Dialect } from '../dialect.ts'
import { sequenceFields, spellingOf } from '../openai/read-request.ts'
import { chatByDefault } from '../request-defaults.ts'
import { anthropicErrors } from './error-body.ts'
import { messageExchange } from './message-answer.ts'
import { readChat } from './read-chat.ts'

export const anthropicMessages: Dialect = {
  ...anthropicErrors,
  // The last two are DeepSeek's paths.
  paths: ['/v1/messages', '/anthropic/v1/messages', '/anthropic/messages'],
  async read(input, { models, accept, defaults, recall }) {
    const body = accept(parse(anthropicRequestSchema, input))
    const engine = models.find(body.model)
    const owner = body.metadata?.user_id
    const generation = await chatGeneration({
      id: `msg_${randomUUID().replaceAll('-', '')}`,
      engine,
      chat: chatByDefault(
        defaults,
        readChat(body, (callIds) => recall(callIds, owner)),
      ),
      sequence: {
        ...sequenceFields({ ...body, stop: body.stop_sequences }, engine),
        maxTokens: body.max_tokens,
        // A stream begins once its prompt has a slot.
        reportsProgress: body.stream === true,
        ...(owner !== undefined && { owner }),
      },
      spelling: spellingOf(body, {
        prompt: 'messages',
        maxTokens: 'max_tokens',
        topLogprobs: 'top_logprobs',
        grammar: 'output_config.format',
      }),
    })
    return messageExchange(generation, body)
  },
}
