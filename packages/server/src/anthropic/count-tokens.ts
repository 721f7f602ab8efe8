/** POST /v1/messages/count_tokens: how long a prompt is, found as a generation would find it. */

import { prepareChat } from '@hadal/chat'
import { type AnthropicTokenCount, anthropicCountSchema, parse } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { acceptBody } from '../accept-body.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { promptTokens } from '../prompt-tokens.ts'
import { anthropicErrors } from './error-body.ts'
import { anthropicMessages } from './messages.ts'
import { readChat } from './read-chat.ts'

export function anthropicCountRoutes(app: FastifyInstance, models: ModelDirectory): void {
  for (const path of anthropicMessages.paths)
    app.post(
      `${path}/count_tokens`,
      { config: { errors: anthropicErrors } },
      async (request, reply): Promise<AnthropicTokenCount> => {
        const body = acceptBody(reply)(parse(anthropicCountSchema, request.body))
        const engine = models.find(body.model)
        const { pieces } = prepareChat(engine.model, readChat(body))
        return { input_tokens: (await promptTokens(engine, { pieces })).length }
      },
    )
}
