/**
 * Addresses that open one text once, within a minute: a browser that opens a page sends no key, so that the address is made for who
 * had one. Knows nothing of what the texts are.
 */

import { randomBytes } from 'node:crypto'
import type { Clock } from '@hadal/base'

const lifeMillis = 60_000
/** Of older ones the first goes. */
const mostTickets = 16

export class ReportTickets {
  readonly #texts = new Map<string, { readonly text: string; readonly until: number }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(text: string): string {
    this.#forgetOld()
    const ticket = randomBytes(24).toString('base64url')
    this.#texts.set(ticket, { text, until: this.#clock.now() + lifeMillis })
    for (const first of this.#texts.keys()) {
      if (this.#texts.size <= mostTickets) break
      this.#texts.delete(first)
    }
    return ticket
  }

  take(ticket: string): string | undefined {
    this.#forgetOld()
    const found = this.#texts.get(ticket)
    this.#texts.delete(ticket)
    return found?.text
  }

  #forgetOld(): void {
    const now = this.#clock.now()
    for (const [ticket, { until }] of this.#texts) if (until <= now) this.#texts.delete(ticket)
  }
}
