/** Checks each replica's health periodically and updates its state. */

import { type Clock, type Logger, messageOf } from '@hadal/base'
import type { Dispatcher } from 'undici'
import { reasonOf } from './attempt.ts'
import type { Replica } from './replica.ts'
import { rootOf } from './wire/target-url.ts'

export interface HealthOptions {
  readonly id: string
  readonly clock: Clock
  readonly logger: Logger
  readonly dispatcher: Dispatcher
  readonly headers: Readonly<Record<string, string>>
  readonly healthPath: string
  readonly healthIntervalMillis: number
  readonly healthTimeoutMillis: number
  readonly healthFailures: number
  readonly onChange: (replica: Replica) => void
}

/** Interval for unhealthy replicas. */
const eagerMillis = 1000
const over = 'no longer watched'

export class HealthWatch {
  readonly #options: HealthOptions
  readonly #watched = new Map<Replica, AbortController>()

  constructor(options: HealthOptions) {
    this.#options = options
  }

  watch(replica: Replica): void {
    const stop = new AbortController()
    this.#watched.set(replica, stop)
    this.#ask(replica, stop.signal).catch(() => {})
  }

  unwatch(replica: Replica): void {
    this.#watched.get(replica)?.abort(over)
    this.#watched.delete(replica)
  }

  [Symbol.dispose](): void {
    for (const replica of [...this.#watched.keys()]) this.unwatch(replica)
  }

  async #ask(replica: Replica, signal: AbortSignal): Promise<void> {
    const { id, clock, logger, healthFailures, healthIntervalMillis, onChange } = this.#options
    while (!signal.aborted) {
      const why = await this.#check(replica, signal)
      if (signal.aborted) return
      if (replica.checked(why, healthFailures, clock.now())) {
        const fields = { upstream: id, replica: replica.url, ...(why !== undefined && { why }) }
        if (why === undefined) logger.info('a replica is well', fields)
        else logger.warn('a replica is not well', fields)
        onChange(replica)
      }
      const pause =
        replica.health === 'up' ? healthIntervalMillis : Math.min(eagerMillis, healthIntervalMillis)
      await clock.sleep(pause, signal)
    }
  }

  /** Why it is unhealthy. */
  async #check(replica: Replica, signal: AbortSignal): Promise<string | undefined> {
    const { clock, dispatcher, headers, healthPath, healthTimeoutMillis } = this.#options
    const limit = new AbortController()
    const waiting = new AbortController()
    const stop = (): void => limit.abort(over)
    signal.addEventListener('abort', stop, { once: true })
    clock.sleep(healthTimeoutMillis, waiting.signal).then(
      // If this process was busy, check the sockets first.
      () => setImmediate(() => limit.abort('its health check took too long')),
      () => {},
    )
    try {
      const { origin, pathname } = new URL(`${rootOf(replica.url)}${healthPath}`)
      const answer = await dispatcher.request({
        origin,
        path: pathname,
        method: 'GET',
        headers,
        signal: limit.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      })
      await answer.body.dump()
      return answer.statusCode < 500 ? undefined : `its health check has status ${answer.statusCode}`
    } catch (thrown) {
      return typeof thrown === 'string' ? messageOf(thrown) : reasonOf(thrown)
    } finally {
      waiting.abort(over)
      signal.removeEventListener('abort', stop)
    }
  }
}
