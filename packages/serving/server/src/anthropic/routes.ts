/** Anthropic's API other than generation: POST count_tokens, models, and its error format for unknown paths. */

import { prepareChat } from '@hadal/chat'
import { type AnthropicTokenCount, anthropicCountSchema, parse } from '@hadal/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { routeNotFound } from '../errors.ts'
import { chatByDefault } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { anthropicErrors } from './error-body.ts'
import { anthropicMessages } from './messages.ts'
import { anthropicModelRoutes } from './models.ts'
import { readChat } from './read-chat.ts'

export function anthropicRoutes(app: FastifyInstance, context: RouteContext): void {
  const { models, finding, accepting, defaults, recalling } = context
  const config = { errors: anthropicErrors }

  /** Counts prompt tokens exactly as a generation would. */
  const count = async (request: FastifyRequest, reply: FastifyReply): Promise<AnthropicTokenCount> => {
    const body = accepting(reply)(parse(anthropicCountSchema, request.body))
    const engine = await finding(reply, body.model)
    const chat = chatByDefault(defaults, readChat(body, recalling(request)))
    const { pieces } = await prepareChat(engine.model, chat)
    return { input_tokens: await engine.promptLength({ pieces }) }
  }
  for (const path of anthropicMessages.paths) app.post(`${path}/count_tokens`, { config }, count)

  anthropicModelRoutes(app, models)
  for (const path of ['/anthropic/*', '/v1/messages/*'])
    app.all(path, { config }, (request) => {
      throw routeNotFound(request.method, request.url)
    })
}
