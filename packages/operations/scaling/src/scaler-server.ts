/** A scaler's HTTP API: `/health`, `/metrics`, `/decisions`. Read-only, without secrets. */

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { messageOf } from '@hadal/base'
import type { ScaleTelemetry } from '@hadal/telemetry'
import { scaleListenFailed } from './errors.ts'
import type { ScalerStatus } from './scaler-status.ts'

export interface ScalerServerOptions {
  readonly host: string
  readonly port: number
  readonly telemetry: Pick<ScaleTelemetry, 'expose'>
  status(): ScalerStatus
  isAlive(): boolean
}

export interface ScalerServer extends AsyncDisposable {
  /** `http://127.0.0.1:8090`. */
  readonly url: string
}

/** Throws `scale_listen_failed`. */
export async function serveScaler(options: ScalerServerOptions): Promise<ScalerServer> {
  const { host, port, telemetry } = options
  const answer = async (
    method: string | undefined,
    path: string,
    response: ServerResponse,
  ): Promise<void> => {
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return sendJson(response, 405, { error: 'only GET is supported' })
    }
    switch (path) {
      case '/health': {
        const isAlive = options.isAlive()
        const { leader, isLeader } = options.status()
        return sendJson(response, isAlive ? 200 : 503, { status: isAlive ? 'ok' : 'hangs', leader, isLeader })
      }
      case '/decisions':
        return sendJson(response, 200, options.status())
      case '/metrics': {
        const { contentType, text } = await telemetry.expose()
        return send(response, 200, contentType, text)
      }
      default:
        return sendJson(response, 404, { error: 'available routes: /health, /metrics and /decisions' })
    }
  }
  const server = createServer((request, response) => {
    request.resume()
    const path = (request.url ?? '/').split('?')[0]!
    answer(request.method, path, response).catch((thrown: unknown) =>
      sendJson(response, 500, { error: messageOf(thrown) }),
    )
  })
  server.requestTimeout = 10_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown) =>
      reject(scaleListenFailed(`${host}:${port}`, messageOf(thrown)).with({ cause: thrown })),
    )
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

const sendJson = (response: ServerResponse, code: number, body: unknown): void =>
  send(response, code, 'application/json', `${JSON.stringify(body)}\n`)

function send(response: ServerResponse, code: number, contentType: string, text: string): void {
  response.writeHead(code, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}
