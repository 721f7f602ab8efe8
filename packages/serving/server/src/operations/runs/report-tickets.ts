/**
 * Single-use URLs, valid for a minute, that open a report: browser navigation sends no key, so an authorized client requests a URL. Stores
 * the report's name, not its content.
 */

import { randomBytes } from 'node:crypto'
import type { Clock } from '@hadal/base'

export interface ReportName {
  readonly run: string
  readonly path: string
}

const lifeMillis = 60_000
/** The oldest is dropped first. */
const maxTickets = 16

export class ReportTickets {
  readonly #reports = new Map<string, { readonly report: ReportName; readonly until: number }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(report: ReportName): string {
    this.#forgetOld()
    const ticket = randomBytes(24).toString('base64url')
    this.#reports.set(ticket, { report, until: this.#clock.now() + lifeMillis })
    for (const first of this.#reports.keys()) {
      if (this.#reports.size <= maxTickets) break
      this.#reports.delete(first)
    }
    return ticket
  }

  take(ticket: string): ReportName | undefined {
    this.#forgetOld()
    const found = this.#reports.get(ticket)
    this.#reports.delete(ticket)
    return found?.report
  }

  #forgetOld(): void {
    const now = this.#clock.now()
    for (const [ticket, { until }] of this.#reports) if (until <= now) this.#reports.delete(ticket)
  }
}
