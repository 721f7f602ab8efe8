/**
 * Sequences that were started and have no place yet: their requests are prepared, which may take a while, then they wait for
 * cells in the order in which they were ready. Knows nothing of cells.
 */

import type { Clock } from '@hadal/base'
import type { StartSequence, WireError } from '../messages.ts'
import type { PreparedSequence, SequenceMaker } from './sequence-maker.ts'
import { toWire } from './to-wire.ts'

export interface Candidate extends PreparedSequence {
  readonly arrivedAt: number
}

export interface ArrivalEvents {
  /** There is one more candidate. */
  ready(): void
  refused(key: number, error: WireError): void
}

export class Arrivals {
  readonly #maker: SequenceMaker
  readonly #clock: Clock
  readonly #events: ArrivalEvents
  readonly #preparing = new Set<number>()
  #candidates: readonly Candidate[] = []

  constructor(maker: SequenceMaker, clock: Clock, events: ArrivalEvents) {
    this.#maker = maker
    this.#clock = clock
    this.#events = events
  }

  /** Longest ready first. */
  get candidates(): readonly Candidate[] {
    return this.#candidates
  }

  async add(start: StartSequence): Promise<void> {
    const arrivedAt = this.#clock.now()
    this.#preparing.add(start.key)
    const isWanted = (): boolean => this.#preparing.has(start.key)
    try {
      const prepared = await this.#maker.prepare(start, isWanted)
      if (prepared === undefined || !isWanted()) return
      this.#candidates = [...this.#candidates, { ...prepared, arrivedAt }]
      this.#events.ready()
    } catch (thrown) {
      const error = toWire(thrown)
      if (isWanted()) this.#events.refused(start.key, error)
    } finally {
      this.#preparing.delete(start.key)
    }
  }

  /** It got its place, or was cancelled. */
  remove(key: number): void {
    this.#preparing.delete(key)
    this.#candidates = this.#candidates.filter(({ start }) => start.key !== key)
  }
}
