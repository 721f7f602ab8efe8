/** A fake model server that responds as configured, hangs or dies. Counts its requests. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { freePort } from '../../../kernel/base/test/free-port.ts'

export interface Requested {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
  /** The client disconnected before the response was complete. */
  wasLeft: boolean
}

export type Manner = (
  response: ServerResponse,
  requested: Requested,
  request: IncomingMessage,
) => void | Promise<void>

export interface FakeReplica extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly requested: Requested[]
  manner: Manner
  /** The status of its health check; undefined: no response. */
  health: number | undefined
  /** The response of `/metrics`. */
  metrics: string
  /** Simulates a crash: cuts every connection and accepts no more. */
  die(): Promise<void>
  /** After `die`, on the same port. */
  revive(): Promise<void>
}

export async function fakeReplica(manner: Manner = answering('hello')): Promise<FakeReplica> {
  const requested: Requested[] = []
  const port = await freePort()
  let server: Server | undefined
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET') {
      if (request.url === '/metrics') response.end(fake.metrics)
      else if (fake.health !== undefined) response.writeHead(fake.health).end('well')
      return
    }
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>
    const entry: Requested = { path: request.url ?? '', headers: request.headers, body, wasLeft: false }
    requested.push(entry)
    response.on('close', () => {
      entry.wasLeft = !response.writableFinished
    })
    await fake.manner(response, entry, request)
  }
  const listen = async (): Promise<void> => {
    const started = createServer((request, response) => {
      handle(request, response).catch(() => response.destroy())
    })
    server = started
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject)
      started.listen(port, '127.0.0.1', resolve)
    })
  }
  await listen()
  const die = async (): Promise<void> => {
    const dying = server
    server = undefined
    if (dying === undefined) return
    const closed = new Promise<void>((resolve) => dying.close(() => resolve()))
    dying.closeAllConnections()
    await closed
  }
  const fake: FakeReplica = {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requested,
    manner,
    health: 200,
    metrics: '',
    die,
    revive: listen,
    [Symbol.asyncDispose]: die,
  }
  return fake
}

export const sse = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

export const chunkOf = (content: string): string =>
  sse({ object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })

export const usage = {
  prompt_tokens: 7,
  completion_tokens: 3,
  total_tokens: 10,
  prompt_tokens_details: { cached_tokens: 4 },
}

/** Like vLLM: events for a stream, with usage if requested, otherwise one JSON value. */
export function answering(text: string, { beforeMillis = 0, betweenMillis = 0 } = {}): Manner {
  return async (response, { body }) => {
    await sleep(beforeMillis)
    if (body.stream !== true) {
      const answer = { choices: [{ index: 0, message: { role: 'assistant', content: text } }], usage }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const word of text.split(' ')) {
      response.write(chunkOf(word))
      if (betweenMillis > 0) await sleep(betweenMillis)
    }
    const { include_usage: asksUsage } = (body.stream_options ?? {}) as { include_usage?: boolean }
    if (asksUsage === true) response.write(sse({ choices: [], usage }))
    response.end('data: [DONE]\n\n')
  }
}

export const refusing =
  (status: number, body: unknown, headers: Record<string, string> = {}): Manner =>
  (response) => {
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body))
  }

/** Never responds. */
export const hanging: Manner = () => {}

/** Cuts the connection before a response. */
export const breaking: Manner = (_response, _requested, request) => void request.socket.destroy()

/** A few words, then the connection is cut. */
export const breakingAfter =
  (text: string): Manner =>
  async (response, _requested, request) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(chunkOf(text))
    await sleep(20)
    request.socket.destroy()
  }

export const sleep = (millis: number): Promise<void> =>
  millis === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, millis))
