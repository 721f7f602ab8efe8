/** POST /v1/responses: converts OpenAI's body to a `Generation`. `response-answer.ts` formats the response. */

import { randomUUID } from 'node:crypto'
import { parse, type ResponseRequest, responseRequestSchema } from '@hadal/protocol'
import { chatGeneration } from '../chat-generation.ts'
import type { Dialect } from '../dialect.ts'
import { refuse } from '../field-issues.ts'
import { blaming } from '../openai/blaming.ts'
import { sequenceFields, spellingOf, tokenLimit } from '../openai/read-request.ts'
import { chatByDefault } from '../request-defaults.ts'
import type { ItemMemory } from './item-memory.ts'
import { readChat } from './read-chat.ts'
import { responseExchange } from './response-answer.ts'

export const responsePaths: readonly string[] = ['/v1/responses', '/responses']

export const openaiResponses = (memory: ItemMemory): Dialect => ({
  paths: responsePaths,
  async read(input, { client, models, accept, defaults, recall, asSent, now }) {
    const body = accept(parse(responseRequestSchema, input))
    if (body.background === true) refuse('background', 'running without a connection')
    if (body.prompt !== undefined) refuse('prompt', 'a prompt that is stored')
    const engine = models.find(body.model)
    const format = body.text?.format?.type === 'json_schema' ? 'text.format.schema' : undefined
    const generation = await chatGeneration({
      id: `resp_${randomUUID().replaceAll('-', '')}`,
      engine,
      chat: chatByDefault(
        defaults,
        readChat(body, (id) => memory.recall(client, id), recall),
      ),
      sequence: {
        ...sequenceFields(body, engine),
        ...tokenLimit(body.max_output_tokens),
        // A stream begins once its prompt has a slot.
        reportsProgress: body.stream === true,
        ...(wantsLogprobs(body) && { topLogprobs: body.top_logprobs ?? 0 }),
      },
      spelling: spellingOf(body, {
        prompt: 'input',
        maxTokens: 'max_output_tokens',
        topLogprobs: 'top_logprobs',
        grammar: format,
      }),
    }).catch(blaming(format ?? 'tools'))
    return responseExchange(generation, body, {
      created: now,
      asSent,
      remember: (items) => body.store !== false && memory.remember(client, items),
    })
  },
})

const wantsLogprobs = ({ include, top_logprobs: top = 0 }: ResponseRequest): boolean =>
  top > 0 || include?.includes('message.output_text.logprobs') === true
