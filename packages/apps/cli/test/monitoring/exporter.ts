/** A server of which only the metrics are real: they have our names, and values that the test sets. And a DCGM exporter. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buckets, metrics } from '@hadal/protocol'

export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const model = { model_name: 'nano' }

export class Exporter implements AsyncDisposable {
  /** Requests so far that took 1 ms, and a minute. */
  fast = 0
  slow = 0
  waiting = 0
  restarts = 0
  gpuPercent = 50
  /** Key that requests must send, if set. */
  key: string | undefined
  readonly #server: Server

  static async start(): Promise<Exporter> {
    const exporter = new Exporter()
    await new Promise<void>((resolve) => exporter.#server.listen(0, '127.0.0.1', resolve))
    return exporter
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      if (this.key !== undefined && request.headers.authorization !== `Bearer ${this.key}`) {
        response.writeHead(401).end()
        return
      }
      const samples = request.url === '/gpu/metrics' ? this.gpuSamples() : this.serverSamples()
      response.setHeader('content-type', 'text/plain; version=0.0.4')
      response.end(`# TYPE vllm:num_requests_waiting gauge\n${samples.map(line).join('\n')}\n`)
    })
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  serverSamples(): readonly Sample[] {
    const { fast, slow } = this
    const name = metrics.endToEnd.name
    const within = (edge: number): number => fast + (edge >= 60 ? slow : 0)
    return [
      ...buckets.request.map((edge) => ({
        name: `${name}_bucket`,
        labels: { ...model, le: `${edge}` },
        value: within(edge),
      })),
      { name: `${name}_bucket`, labels: { ...model, le: '+Inf' }, value: fast + slow },
      { name: `${name}_count`, labels: model, value: fast + slow },
      { name: `${name}_sum`, labels: model, value: fast / 1000 + slow * 60 },
      { name: metrics.requestsWaiting.name, labels: model, value: this.waiting },
      { name: metrics.engineReady.name, labels: model, value: 1 },
      { name: metrics.engineRestarts.name, labels: model, value: this.restarts },
    ]
  }

  gpuSamples(): readonly Sample[] {
    const labels = { gpu: '0', UUID: 'GPU-0', modelName: 'NVIDIA H100' }
    return [{ name: 'DCGM_FI_DEV_GPU_UTIL', labels, value: this.gpuPercent }]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export function line({ name, labels, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`)
  return `${name}{${pairs.join(',')}} ${value}`
}
