/** A guarded chat with Express: `npm run express`. */

import { fileURLToPath } from 'node:url'
import express, { type Express, type RequestHandler } from 'express'
import { ask, screenAnswer, screenChat } from './guarded-chat.ts'

/** Before the routes that a model answers, behind `express.json()`. */
const guarded: RequestHandler = async (request, response, next) => {
  const refusal = await screenChat(request.body)
  if (refusal === undefined) next()
  else response.status(refusal.status).json(refusal.body)
}

export const app: Express = express()
app.use(express.json())
app.post('/chat', guarded, async (request, response) => {
  response.type('text/plain')
  for await (const text of screenAnswer(ask(request.body.messages))) {
    if (response.closed) return
    response.write(text)
  }
  response.end()
})

if (process.argv[1] === fileURLToPath(import.meta.url)) app.listen(3000)
