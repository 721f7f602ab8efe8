/** Requests that are being prepared, which may take a while. */

import type { Clock } from '@hadal/base'
import type { StartSequence, WireError } from '../messages.ts'
import type { PreparedSequence, SequenceMaker } from './sequence-maker.ts'
import { toWire } from './to-wire.ts'

export interface Candidate extends PreparedSequence {
  readonly arrivedAt: number
}

export interface ArrivalEvents {
  /** It is ready and waits for a slot. */
  ready(candidate: Candidate): void
  refused(key: number, error: WireError): void
}

export class Arrivals {
  readonly #maker: SequenceMaker
  readonly #clock: Clock
  readonly #events: ArrivalEvents
  readonly #preparing = new Set<number>()

  constructor(maker: SequenceMaker, clock: Clock, events: ArrivalEvents) {
    this.#maker = maker
    this.#clock = clock
    this.#events = events
  }

  async add(start: StartSequence): Promise<void> {
    const arrivedAt = this.#clock.now()
    this.#preparing.add(start.key)
    const isWanted = (): boolean => this.#preparing.has(start.key)
    try {
      const prepared = await this.#maker.prepare(start, isWanted)
      if (prepared === undefined || !isWanted()) return
      this.#events.ready({ ...prepared, arrivedAt })
    } catch (thrown) {
      const error = toWire(thrown)
      if (isWanted()) this.#events.refused(start.key, error)
    } finally {
      this.#preparing.delete(start.key)
    }
  }

  cancel(key: number): void {
    this.#preparing.delete(key)
  }
}
