/** A guarded chat with Hono: `npm run hono`. */

import { fileURLToPath } from 'node:url'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { createMiddleware } from 'hono/factory'
import { streamText } from 'hono/streaming'
import { ask, type ChatMessage, screenAnswer, screenChat } from './guarded-chat.ts'

interface Chat {
  messages: ChatMessage[]
}

/** Before the routes that a model answers. What it screened is what they read. */
const guarded = createMiddleware<{ Variables: { chat: Chat } }>(async (context, next) => {
  const chat = await context.req.json<Chat>()
  const refusal = await screenChat(chat)
  if (refusal !== undefined) return context.json(refusal.body, refusal.status)
  context.set('chat', chat)
  return next()
})

export const app = new Hono().post('/chat', guarded, (context) =>
  streamText(context, async (stream) => {
    for await (const text of screenAnswer(ask(context.get('chat').messages))) await stream.write(text)
  }),
)

if (process.argv[1] === fileURLToPath(import.meta.url)) serve({ fetch: app.fetch, port: 3000 })
