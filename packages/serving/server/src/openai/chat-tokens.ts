/** POST .../chat/completions/input_tokens (llama-server): counts a chat's prompt tokens as a generation would. */

import { prepareChat } from '@hadal/chat'
import { chatRequestSchema, parse, type ResponseTokenCount } from '@hadal/protocol'
import type { FastifyInstance } from 'fastify'
import { chatByDefault } from '../request-defaults.ts'
import type { RouteContext } from '../route-context.ts'
import { requestedFormat } from './answer-format.ts'
import { openaiChat } from './chat.ts'
import { readChat } from './read-chat.ts'

export function chatTokenRoutes(app: FastifyInstance, context: RouteContext): void {
  const { finding, accepting, defaults, recalling } = context
  for (const path of openaiChat.paths)
    app.post(`${path}/input_tokens`, async (request, reply): Promise<ResponseTokenCount> => {
      const body = accepting(reply)(parse(chatRequestSchema, request.body))
      const engine = await finding(reply, body.model)
      const chat = chatByDefault(defaults, readChat(body, requestedFormat(body), recalling(request)))
      const { pieces } = await prepareChat(engine.model, chat)
      return { object: 'response.input_tokens', input_tokens: await engine.promptLength({ pieces }) }
    })
}
