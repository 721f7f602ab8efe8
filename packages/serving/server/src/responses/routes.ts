/** Responses API other than generation: POST input_tokens, and errors for stored responses. */

import { prepareChat } from '@hadal/chat'
import { parse, type ResponseTokenCount, responseCountSchema } from '@hadal/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { clientOf } from '../api-keys.ts'
import { responseNotStored } from '../errors.ts'
import { chatByDefault } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import type { ItemMemory } from './item-memory.ts'
import { readChat } from './read-chat.ts'
import { responsePaths } from './responses.ts'

export function responsesRoutes(
  app: FastifyInstance,
  { finding, accepting, defaults, recalling }: RouteContext,
  memory: ItemMemory,
): void {
  /** Counts prompt tokens exactly as a generation would. */
  const count = async (request: FastifyRequest, reply: FastifyReply): Promise<ResponseTokenCount> => {
    const body = accepting(reply)(parse(responseCountSchema, request.body))
    const engine = await finding(reply, body.model)
    const recallItem = (id: string) => memory.recall(clientOf(request.headers), id)
    const chat = chatByDefault(defaults, readChat(body, recallItem, recalling(request)))
    const { pieces } = await prepareChat(engine.model, chat)
    return { object: 'response.input_tokens', input_tokens: await engine.promptLength({ pieces }) }
  }
  const notStored = (request: FastifyRequest): never => {
    throw responseNotStored((request.params as { readonly id: string }).id)
  }
  for (const path of responsePaths) {
    app.post(`${path}/input_tokens`, count)
    app.get(`${path}/:id`, notStored)
    app.delete(`${path}/:id`, notStored)
    app.get(`${path}/:id/input_items`, notStored)
    app.post(`${path}/:id/cancel`, notStored)
  }
}
