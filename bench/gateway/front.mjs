/**
 * The least HTTP server in front of an upstream: what it adds to an answer is the package's own. Runs what was built.
 *
 *     node front.mjs '{"id":"m","replicas":["http://127.0.0.1:8000"]}'        prints its address as the first line
 */

import { createServer } from 'node:http'
import process from 'node:process'
import { createUpstream } from '@hadal/upstream'

const model = createUpstream(JSON.parse(process.argv[2]))
await model.ready()
let count = 0

async function handle(request, response) {
  if (request.method === 'GET') return response.end(JSON.stringify(model.snapshot()))
  const left = new AbortController()
  response.on('close', () => {
    if (!response.writableFinished) left.abort('the client left')
  })
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  count += 1
  const { url: path, headers } = request
  const body = JSON.parse(Buffer.concat(pieces).toString())
  const answer = await model.relay({ id: `r${count}`, path, body, headers }, left.signal)
  response.writeHead(answer.status, { ...answer.headers, 'x-replica': answer.replica })
  for await (const bytes of answer.body)
    if (!response.write(bytes)) await new Promise((resolve) => response.once('drain', resolve))
  return response.end()
}

const server = createServer((request, response) => {
  handle(request, response).catch((error) => {
    if (response.headersSent) response.destroy()
    else
      response
        .writeHead(error.status ?? 500)
        .end(JSON.stringify({ error: { code: error.code, message: error.message } }))
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`))
