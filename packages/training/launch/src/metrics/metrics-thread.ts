/** The thread that serves a run's `GET /metrics` with the latest rendered text, because a step blocks the main thread. */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

export interface MetricsPlace {
  readonly host: string
  /** 0 takes any that is free. */
  readonly port: number
}

export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** The first message of the thread. */
export type Bound = { readonly port: number } | { readonly refused: string }

const { host, port } = workerData as MetricsPlace
let metrics: MetricsText = { contentType: 'text/plain; charset=utf-8', text: '' }
parentPort!.on('message', (given: MetricsText) => {
  metrics = given
})
const notify = (bound: Bound): void => parentPort!.postMessage(bound)
const server = createServer({ requestTimeout: 10_000 }, ({ method, url }, response) => {
  const isRequested = (method === 'GET' || method === 'HEAD') && /^\/metrics(\?|$)/.test(url ?? '')
  if (isRequested) response.writeHead(200, { 'content-type': metrics.contentType }).end(metrics.text)
  else response.writeHead(404, { 'content-type': 'text/plain' }).end('There is only GET /metrics.\n')
})
server.once('error', (error) => {
  notify({ refused: error.message })
  parentPort!.close()
})
server.listen(port, host, () => notify({ port: (server.address() as AddressInfo).port }))
