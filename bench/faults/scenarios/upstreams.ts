/** Upstream servers that answer anything: each request ends with a response or with an error that has a code. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { chat, isClosed, Requests } from '../requests.ts'
import type { Scenario } from '../scenario.ts'
import { serveModels, TemporaryFolder, works } from '../serving.ts'

type Misbehave = (response: ServerResponse, socket: Socket) => void

const whole = JSON.stringify({
  id: 'c',
  object: 'chat.completion',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'word' } }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
})
const json = { 'content-type': 'application/json' }
const events = { 'content-type': 'text/event-stream' }
const event = `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: { content: 'word' } }] })}\n\n`

const endlessly = (response: ServerResponse, piece: string): void => {
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}

const manners: Readonly<Record<string, Misbehave>> = {
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>'),
  'an empty body': (response) => response.writeHead(200, json).end(),
  'truncated JSON': (response) => response.writeHead(200, json).end(whole.slice(0, 40)),
  'JSON of another shape': (response) => response.writeHead(200, json).end('[1,2,3]'),
  'JSON without an end': (response) => endlessly(response.writeHead(200, json), ' '.repeat(65_536)),
  'a stream without an end': (response) => endlessly(response.writeHead(200, events), event.repeat(500)),
  'an event without an end': (response) =>
    endlessly(response.writeHead(200, events), 'data: '.repeat(10_000)),
  'a stream that stops': (response) => void response.writeHead(200, events).write(event),
  'no response': () => {},
  'a reset connection': (_, socket) => socket.resetAndDestroy(),
  'a reset within the stream': (response, socket) => {
    response.writeHead(200, events).write(event, () => socket.resetAndDestroy())
  },
  'a reset within JSON': (response, socket) => {
    response
      .writeHead(200, { ...json, 'content-length': whole.length })
      .write(whole.slice(0, 40), () => socket.resetAndDestroy())
  },
  'events that are not JSON': (response) =>
    response.writeHead(200, events).end('data: {"id":\n\ndata: [DONE]\n\n'),
  'a stream without [DONE]': (response) => response.writeHead(200, events).end(event),
  'a status of 500': (response) => response.writeHead(500, json).end('{'),
  'a status of 599': (response) => response.writeHead(599).end(),
  'something that is not HTTP': (_, socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
}

/** The client disconnects: the gateway does not know where such a stream ends. */
const endless = 'a stream without an end'
/** The response has begun when the server fails, so its connection is closed. */
const cut = ['a stream that stops', 'a reset within the stream', 'a reset within JSON']

export const upstreams: Scenario = {
  name: 'hostile upstream servers',
  inject: `upstream servers that respond with ${Object.keys(manners).join(', ')}; streamed and whole`,
  run: async (scale) => {
    using folder = new TemporaryFolder()
    const names = Object.keys(manners)
    const server = createServer((request, response) => {
      request.resume()
      const [, name] = /^\/(\d+)\//.exec(request.url ?? '') ?? []
      if (request.method === 'GET' || name === undefined) response.writeHead(200, json).end('{}')
      else request.on('end', () => manners[names[Number(name)]!]!(response, request.socket))
    })
    server.on('clientError', (_, socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const limits = { firstByteTimeoutMillis: 1500, answerTimeoutMillis: 3000, idleTimeoutMillis: 1500 }
    const models = names.map((_, index) => ({
      id: `m${index}`,
      upstream: { replicas: [`${address}/${index}/v1`], ...limits },
    }))
    try {
      await using serving = await serveModels(folder, [{ id: 'nano', model: 'nano' }, ...models])
      const requests = new Requests(serving.url)
      const times = Math.max(1, Math.round(6 * scale))
      const problems: string[] = []
      for (const [index, name] of names.entries()) {
        const sent = Array.from({ length: times }, (_, time) =>
          requests.send(chat(`m${index}`, 8, time % 2 === 0), {
            timeoutMillis: 12_000,
            ...(name === endless && { leaveMillis: 3000 }),
          }),
        )
        const neighbour = requests.load(times, 1, () => chat('nano', 4))
        const outcomes = (await Promise.all(sent)).map(({ outcome }) => outcome)
        await neighbour
        const wrong = outcomes.find(
          (outcome) => outcome.startsWith('lost') && !(cut.includes(name) && isClosed(outcome)),
        )
        if (wrong !== undefined) problems.push(`${name}: ${wrong}`)
      }
      const survived = await works(serving.url)
      return await requests.account(names.length * times, survived ? names.length * times : 0, {
        problems,
        mayLose: true,
      })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  },
}
