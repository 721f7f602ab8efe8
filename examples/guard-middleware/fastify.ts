/** A guarded chat with Fastify: `npm run fastify`. */

import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import Fastify, { type FastifyInstance, type preHandlerAsyncHookHandler } from 'fastify'
import { ask, type ChatMessage, screenAnswer, screenChat } from './guarded-chat.ts'

interface Chat {
  messages: ChatMessage[]
}

/** Runs before every route that a model answers. */
const guarded: preHandlerAsyncHookHandler = async (request, reply) => {
  const refusal = await screenChat(request.body as Chat)
  if (refusal !== undefined) return reply.code(refusal.status).send(refusal.body)
}

export const app: FastifyInstance = Fastify()
app.post('/chat', { preHandler: guarded }, (request, reply) =>
  reply.type('text/plain').send(Readable.from(screenAnswer(ask((request.body as Chat).messages)))),
)

if (process.argv[1] === fileURLToPath(import.meta.url)) await app.listen({ port: 3000 })
