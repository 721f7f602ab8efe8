/** Shared by the contract tests: a server over fake engines, and stream readers. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createFakeEngine, type FakeEngine, type FakeEngineOptions } from '@hadal/engine'
import {
  type ChatChunk,
  type ChatCompletion,
  type Completion,
  type ErrorBody,
  SseDecoder,
} from '@hadal/protocol'
import { createServer, type HadalServer, type ServerOptions } from '@hadal/server'
import { createTelemetry, type Telemetry } from '@hadal/telemetry'
import { onTestFinished } from 'vitest'

/** Waits until all work without external I/O has run. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate)
}

export { eventually } from '../../../kernel/base/test/eventually.ts'

export interface Serving {
  readonly server: HadalServer
  readonly engine: FakeEngine
  readonly telemetry: Telemetry
}

/** Closed when the test ends. */
export function serve(engineOptions: FakeEngineOptions = {}, options: Partial<ServerOptions> = {}): Serving {
  const engine = createFakeEngine(engineOptions)
  const telemetry = createTelemetry()
  const server = createServer({ engines: [engine], telemetry, ...options })
  onTestFinished(() => server.close())
  return { server, engine, telemetry }
}

export const user = (content: string): { messages: { role: string; content: string }[] } => ({
  messages: [{ role: 'user', content }],
})

export interface Reply<Answer> {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
  json(): Answer
}

/** Without a socket. Other bodies than text and bytes are sent as JSON. */
export async function post<Answer = ErrorBody>(
  server: HadalServer,
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply<Answer>> {
  const response = await server.inject({
    method: 'POST',
    url,
    payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
  const { statusCode: status, headers: answered, body: text } = response
  return { status, headers: answered, body: text, json: () => JSON.parse(text) as Answer }
}

export const chat = (server: HadalServer, body: unknown): Promise<Reply<ChatCompletion>> =>
  post(server, '/v1/chat/completions', body)
export const complete = (server: HadalServer, body: unknown): Promise<Reply<Completion>> =>
  post(server, '/v1/completions', body)

/** Events of a stream that ended normally, without its [DONE]. */
export function chunksOf<Chunk = ChatChunk>(body: string): Chunk[] {
  const events = new SseDecoder().push(body).map(({ data }) => data)
  if (events.pop() !== '[DONE]') throw new Error(`the stream does not end in [DONE]: ${body.slice(-200)}`)
  return events.map((data) => JSON.parse(data) as Chunk)
}

/** An HTTP request on its own socket, read only on demand. */
export async function openStream(url: string, body: unknown): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const payload = JSON.stringify(body)
  socket.pause()
  socket.on('error', () => {})
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(payload)}\r\n\r\n${payload}`,
  )
  return socket
}

/** The value of a /metrics sample; 0 if absent. */
export async function metric(telemetry: Telemetry, sample: string): Promise<number> {
  const { text } = await telemetry.expose()
  const line = text.split('\n').find((each) => each.startsWith(`${sample} `))
  return line === undefined ? 0 : Number(line.slice(sample.length + 1))
}

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
