/**
 * Addresses that open one report once, within a minute: a browser that opens a page sends no key, so that the address is made for who
 * had one. Holds what the report is called, not the report.
 */

import { randomBytes } from 'node:crypto'
import type { Clock } from '@hadal/base'

export interface ReportName {
  readonly run: string
  readonly path: string
}

const lifeMillis = 60_000
/** Of older ones the first goes. */
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
