/**
 * A replica that costs nothing: answers chat completions after `firstMillis`, a token every `betweenMillis`.
 *
 *     node fake-upstream.mjs '{"firstMillis":0,"betweenMillis":0,"tokens":8}'        prints its address as the first line
 */

import { createServer } from 'node:http'
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'

const { firstMillis = 0, betweenMillis = 0, tokens = 8 } = JSON.parse(process.argv[2] ?? '{}')
const chunk = (delta) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta }] })}\n\n`
const usage = { prompt_tokens: 8, completion_tokens: tokens, total_tokens: 8 + tokens }
const usageChunk = `data: ${JSON.stringify({ id: 'c', choices: [], usage })}\n\n`
const word = chunk({ content: ' word' })
const whole = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: ' word'.repeat(tokens) } }],
  usage,
})

async function answer(request, response) {
  let text = ''
  for await (const piece of request) text += piece
  const body = JSON.parse(text)
  if (firstMillis > 0) await setTimeout(firstMillis)
  if (body.stream !== true) {
    response.setHeader('content-type', 'application/json')
    return response.end(whole)
  }
  response.setHeader('content-type', 'text/event-stream')
  for (let token = 0; token < tokens; token += 1) {
    if (token > 0 && betweenMillis > 0) await setTimeout(betweenMillis)
    response.write(word)
  }
  if (body.stream_options?.include_usage === true) response.write(usageChunk)
  return response.end('data: [DONE]\n\n')
}

const server = createServer((request, response) => {
  if (request.method === 'GET') response.end('ok')
  else answer(request, response).catch(() => response.destroy())
})
server.keepAliveTimeout = 60_000
server.listen(Number(process.argv[3] ?? 0), '127.0.0.1', () =>
  process.stdout.write(`http://127.0.0.1:${server.address().port}\n`),
)
