/** A webhook receiver that records Alertmanager's notifications. */

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Reported {
  readonly status: 'firing' | 'resolved'
  readonly labels: Readonly<Record<string, string>>
}

export class Webhook implements AsyncDisposable {
  readonly reported: Reported[] = []
  readonly #server: Server
  readonly #waiting = new Set<() => void>()

  /** `isSilent`: accepts requests but never responds. */
  static async start(isSilent = false): Promise<Webhook> {
    const webhook = new Webhook(isSilent)
    await new Promise<void>((resolve) => webhook.#server.listen(0, '127.0.0.1', resolve))
    return webhook
  }

  private constructor(isSilent: boolean) {
    this.#server = createServer(async (request, response) => {
      const { alerts } = JSON.parse(await text(request)) as { alerts: Reported[] }
      this.reported.push(...alerts.map(({ status, labels }) => ({ status, labels })))
      for (const look of this.#waiting) look()
      if (!isSilent) response.end()
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`
  }

  /** Resolves when each of these was received. */
  async wasReported(status: Reported['status'], ...names: readonly string[]): Promise<void> {
    const has = (name: string): boolean =>
      this.reported.some((reported) => reported.status === status && reported.labels.alertname === name)
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!names.every(has)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
