/** A fake Prometheus over loopback HTTP: a value per query, with sample times of a separate clock, or any failure response. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Undefined: no such series. */
export type Figure = number | string | undefined

export interface FakePrometheus extends AsyncDisposable {
  readonly url: string
  /** By query text; `*` is the default. A list means several series. */
  readonly figures: Map<string, Figure | readonly Figure[]>
  /** Overrides all responses. */
  instead: ((response: ServerResponse) => void) | undefined
  /** Its own clock in milliseconds. */
  now: () => number
  /** Points of a range, as `[seconds, value]`. */
  range: readonly (readonly [number, string])[]
  readonly requested: { path: string; query: string; authorization: string | undefined }[]
}

export async function startFakePrometheus(): Promise<FakePrometheus> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'))
      const path = (request.url ?? '').split('?')[0]!
      const query = form.get('query') ?? ''
      fake.requested.push({ path, query, authorization: request.headers.authorization })
      if (fake.instead !== undefined) return fake.instead(response)
      const seconds = fake.now() / 1000
      if (path.endsWith('/query_range'))
        return json(response, 200, success('matrix', [{ metric: {}, values: fake.range }]))
      const given = fake.figures.has(query) ? fake.figures.get(query) : fake.figures.get('*')
      const figures = (Array.isArray(given) ? given : [given]).filter((each) => each !== undefined)
      const result = figures.map((figure, index) => ({
        metric: figures.length > 1 ? { instance: String(index) } : {},
        value: [seconds, String(figure)],
      }))
      return json(response, 200, success('vector', result))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const fake: FakePrometheus = {
    url: `http://127.0.0.1:${port}`,
    figures: new Map(),
    instead: undefined,
    now: () => Date.now(),
    range: [],
    requested: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
  return fake
}

const success = (resultType: string, result: unknown): object => ({
  status: 'success',
  data: { resultType, result },
})

export function json(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

/** The error page of a proxy in front of an unreachable Prometheus. */
export function htmlPage(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/html' })
  response.end('<!doctype html><title>Sign in</title>')
}
